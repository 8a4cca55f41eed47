/** Address that reaches every registry of the network over UDP. */
export const BROADCAST = "255.255.255.255";

/** Address of the registry on this machine. */
export const LOOPBACK = "127.0.0.1";
