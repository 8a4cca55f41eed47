/*
 * load KIND HOST PORT[,PORT] CONNECTIONS WARM SECONDS ROUNDS: calls add(a, b) as fast as it is answered, one request under way
 * on each connection. The arguments never repeat, and every answer must contain their sum. Servers are warmed up one after the
 * other for WARM seconds. In each round every server gets SECONDS, in turns of a quarter of a second, so that noise on this
 * machine affects all of them alike. Prints one line of JSON for each round: the calls per second of each server and the share
 * of one core that this program used.
 *
 * KIND: rpyc (calls a bound method that the client holds, as `f = conn.root.add` does) or JSON-RPC over http, ws or zmq.
 *
 * load floor SECONDS: the same with a server in C that sends a prepared answer without looking at the request: what the system
 * allows on one connection.
 *
 * A Python client needs more time for a call than the measured servers; this one leaves the processor to them.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define MAX_MESSAGE 4096
#define MAX_CONNECTIONS 1024
#define MAX_SERVERS 2
/* Positions at which a request has the first argument (also its id) and the second one. */
#define MAX_PLACES 4
#define FIRST "AAAAAAAAA"
#define SECOND "BBBBBB"
#define DIGITS 9
/* Seconds. */
#define TURN 0.25

struct bytes {
  size_t length;
  uint8_t data[MAX_MESSAGE];
};

struct connection {
  int socket;
  struct bytes request, received;
  size_t first_at[MAX_PLACES], second_at;
  int firsts;
  char sum[32];
};

static void die(const char *what) {
  fprintf(stderr, "load: %s: %s\n", what, strerror(errno));
  exit(1);
}

static double now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec + time.tv_nsec / 1e9;
}

static void add(struct bytes *to, const void *data, size_t length) {
  if (to->length + length > MAX_MESSAGE) die("a message is too long");
  memcpy(to->data + to->length, data, length);
  to->length += length;
}

/* ---- how messages end: their length in bytes, 0 when more has to come ---- */

static size_t rpyc_length(const struct bytes *at) {
  if (at->length < 5) return 0;
  size_t length = 6 + ((size_t)at->data[0] << 24 | at->data[1] << 16 | at->data[2] << 8 | at->data[3]);
  return at->length >= length ? length : 0;
}

static size_t http_length(const struct bytes *at) {
  const uint8_t *end = memmem(at->data, at->length, "\r\n\r\n", 4);
  if (end == NULL) return 0;
  size_t head = end - at->data + 4, length = head;
  for (size_t index = 0; index + 15 < head; index++) {
    if (strncasecmp((const char *)at->data + index, "\ncontent-length:", 16) == 0) {
      length += strtoul((const char *)at->data + index + 16, NULL, 10);
    }
  }
  return at->length >= length ? length : 0;
}

static size_t ws_length(const struct bytes *at) {
  if (at->length < 2) return 0;
  size_t length = 2 + (at->data[1] & 0x7f);
  if (length == 128) length = at->length < 4 ? SIZE_MAX : 4 + ((size_t)at->data[2] << 8 | at->data[3]);
  return at->length >= length ? length : 0;
}

/* A message of ZeroMQ: frames, of which the last has no "more". */
static size_t zmq_length(const struct bytes *at) {
  for (size_t place = 0; place + 2 <= at->length;) {
    size_t more = at->data[place] & 1;
    place += 2 + at->data[place + 1];
    if (place > at->length) return 0;
    if (!more) return place;
  }
  return 0;
}

static size_t zmq_greeting_length(const struct bytes *at) {
  return at->length >= 64 ? 64 : 0;
}

typedef size_t (*length_of)(const struct bytes *);

/* ---- the beginning of a connection ---- */

static void send_all(int socket, const struct bytes *message) {
  for (size_t sent = 0; sent < message->length;) {
    ssize_t count = send(socket, message->data + sent, message->length - sent, MSG_NOSIGNAL);
    if (count < 0 && errno != EAGAIN) die("send");
    if (count > 0) sent += count;
  }
}

/* Sends, then waits for one message. */
static struct bytes ask(struct connection *connection, const struct bytes *message, length_of length_of) {
  struct bytes answer = {0};
  if (message != NULL) send_all(connection->socket, message);
  for (size_t length;;) {
    if ((length = length_of(&connection->received)) > 0) {
      add(&answer, connection->received.data, length);
      connection->received.length -= length;
      memmove(connection->received.data, connection->received.data + length, connection->received.length);
      return answer;
    }
    ssize_t count = recv(connection->socket, connection->received.data + connection->received.length,
                         MAX_MESSAGE - connection->received.length, 0);
    if (count <= 0) die("the server sent nothing");
    connection->received.length += count;
  }
}

/* One frame of rpyc's: a request with arguments in brine, into which a reference can be put. */
static struct bytes rpyc_request(const char *before, size_t before_length, const struct bytes *reference,
                                 const char *after, size_t after_length) {
  struct bytes body = {0}, frame = {0};
  add(&body, before, before_length);
  if (reference != NULL) add(&body, reference->data, reference->length);
  add(&body, after, after_length);
  uint8_t head[5] = {0, 0, body.length >> 8, body.length & 0xff, 0};
  add(&frame, head, 5);
  add(&frame, body.data, body.length);
  add(&frame, "\n", 1);
  return frame;
}

#define TEXT(text) text, sizeof(text) - 1

/* The id pack in a reply (4, pack). */
static struct bytes reference_in(const struct bytes *reply) {
  struct bytes reference = {0};
  if (reply->length < 12 || memcmp(reply->data + 5, "\x02\x11", 2) != 0 || memcmp(reply->data + 8, "\x11\x54", 2) != 0) {
    errno = EPROTO;
    die("the reply is not a reference");
  }
  add(&reference, reply->data + 10, reply->length - 11);
  return reference;
}

static void begin_rpyc(struct connection *connection) {
  struct bytes request = rpyc_request(TEXT("\x01\x11\x50\x11\x53\x11\x51\x02"), NULL, TEXT(""));
  struct bytes reply = ask(connection, &request, rpyc_length);
  struct bytes root = reference_in(&reply);
  request = rpyc_request(TEXT("\x01\x11\x51\x11\x54\x11\x52\x11\x11\x53"), &root, TEXT("\x11\x51\x08\x0c" "add"));
  reply = ask(connection, &request, rpyc_length);
  struct bytes method = reference_in(&reply);
  connection->request = rpyc_request(TEXT("\x01\x11\x16\x09" FIRST "\x11\x57\x11\x52\x12\x11\x53"), &method,
                                     TEXT("\x11\x51\x11\x16\x09" FIRST "\x16\x06" SECOND "\x11\x51\x02"));
}

static const char CALL[] = "{\"jsonrpc\": \"2.0\", \"method\": \"add\", \"params\": [" FIRST ", " SECOND "], \"id\": " FIRST "}";
#define CALL_LENGTH (sizeof(CALL) - 1)

static void begin_http(struct connection *connection) {
  char head[256];
  int length = snprintf(head, sizeof head,
                        "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
                        "Content-Length: %zu\r\n\r\n", CALL_LENGTH);
  add(&connection->request, head, length);
  add(&connection->request, CALL, CALL_LENGTH);
}

static void begin_ws(struct connection *connection) {
  struct bytes upgrade = {0};
  add(&upgrade, TEXT("GET /ws HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                     "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Version: 13\r\n\r\n"));
  ask(connection, &upgrade, http_length);
  /* Masked with nothing: the server does the same work. */
  uint8_t head[6] = {0x81, 0x80 | CALL_LENGTH, 0, 0, 0, 0};
  add(&connection->request, head, 6);
  add(&connection->request, CALL, CALL_LENGTH);
}

static void begin_zmq(struct connection *connection) {
  struct bytes greeting = {64, {0xff, [9] = 0x7f, 3, 1, 'N', 'U', 'L', 'L'}}, ready = {0};
  ask(connection, &greeting, zmq_greeting_length);
  add(&ready, TEXT("\x04\x19\x05READY\x0bSocket-Type\0\0\0\x03REQ"));
  ready.data[1] = ready.length - 2;
  ask(connection, &ready, zmq_length);
  uint8_t head[4] = {1, 0, 0, CALL_LENGTH};
  add(&connection->request, head, 4);
  add(&connection->request, CALL, CALL_LENGTH);
}

/* ---- the load ---- */

static void connect_to(struct connection *connection, const char *host, int port) {
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port)};
  int yes = 1;
  inet_pton(AF_INET, host, &address.sin_addr);
  connection->socket = socket(AF_INET, SOCK_STREAM, 0);
  if (connect(connection->socket, (struct sockaddr *)&address, sizeof address) != 0) die("connect");
  setsockopt(connection->socket, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
}


/* Finds the places of the arguments. */
static void find_places(struct connection *connection) {
  struct bytes *request = &connection->request;
  for (uint8_t *at = request->data; (at = memmem(at, request->data + request->length - at, FIRST, DIGITS)) != NULL; at += DIGITS) {
    if (connection->firsts == MAX_PLACES) die("too many places");
    connection->first_at[connection->firsts++] = at - request->data;
  }
  connection->second_at = (uint8_t *)memmem(request->data, request->length, SECOND, strlen(SECOND)) - request->data;
}

/* Puts arguments in that no call has had. Their number of digits, and that of their sum, is always the same. */
static void vary(struct connection *connection) {
  static long call = -1;
  /* Each second has a million of its own, so that the next run of this program starts with others. */
  if (call < 0) call = (time(NULL) % 800) * 1000000;
  long first = 100000000 + call, second = 100000 + call * 7919 % 100000;
  char digits[32];
  call = (call + 1) % 890000000;
  snprintf(digits, sizeof digits, "%ld", first);
  for (int index = 0; index < connection->firsts; index++) {
    memcpy(connection->request.data + connection->first_at[index], digits, DIGITS);
  }
  snprintf(digits, sizeof digits, "%ld", second);
  memcpy(connection->request.data + connection->second_at, digits, strlen(SECOND));
  snprintf(connection->sum, sizeof connection->sum, "%ld", first + second);
}

static void start_call(struct connection *connection) {
  vary(connection);
  send_all(connection->socket, &connection->request);
}

static const struct kind {
  const char *name;
  void (*begin)(struct connection *);
  length_of length_of;
} KINDS[] = {
  {"rpyc", begin_rpyc, rpyc_length},
  {"http", begin_http, http_length},
  {"ws", begin_ws, ws_length},
  {"zmq", begin_zmq, zmq_length},
};

struct server {
  struct connection *all;
  int poll;
  /* In this round. */
  size_t calls;
  double took;
};

static void connect_all(struct server *server, const struct kind *kind, const char *host, int port, int connections) {
  server->all = calloc(connections, sizeof *server->all);
  server->poll = epoll_create1(0);
  for (int index = 0; index < connections; index++) {
    struct connection *connection = &server->all[index];
    connect_to(connection, host, port);
    kind->begin(connection);
    find_places(connection);
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = connection};
    epoll_ctl(server->poll, EPOLL_CTL_ADD, connection->socket, &event);
  }
}

/* Answers a ping of a WebSocket server, which may come between two messages. */
static void answer_ping(struct connection *connection) {
  static const struct bytes pong = {6, {0x8a, 0x80}};
  struct bytes *received = &connection->received;
  if (received->length < 2 || received->data[0] != 0x89 || received->data[1] != 0) return;
  memmove(received->data, received->data + 2, received->length -= 2);
  send_all(connection->socket, &pong);
}

/* Returns 1 when the complete answer has arrived. */
static int receive(struct connection *connection, const struct kind *kind) {
  struct bytes *received = &connection->received;
  ssize_t size = recv(connection->socket, received->data + received->length, MAX_MESSAGE - received->length, 0);
  if (size <= 0) die("the connection was closed");
  received->length += size;
  if (kind->length_of == ws_length) answer_ping(connection);
  size_t length = kind->length_of(received);
  if (length == 0) return 0;
  int is_sum = memmem(received->data, length, connection->sum, DIGITS) != NULL;
  memmove(received->data, received->data + length, received->length -= length);
  if (kind->length_of == ws_length) answer_ping(connection);
  if (!is_sum || received->length > 0) {
    fprintf(stderr, "load: the answer is not %s\n", connection->sum);
    exit(1);
  }
  return 1;
}

/* One turn of a server: starts calls for that many seconds, then waits for those under way. */
static void drive(struct server *server, const struct kind *kind, int connections, double seconds) {
  double begin = now(), end = begin + seconds, at = begin;
  for (int index = 0; index < connections; index++) start_call(&server->all[index]);
  for (int under_way = connections; under_way > 0;) {
    struct epoll_event events[64];
    int ready = epoll_wait(server->poll, events, 64, 5000);
    if (ready == 0) die("no answer for five seconds");
    for (int index = 0; index < ready; index++) {
      struct connection *connection = events[index].data.ptr;
      if (!receive(connection, kind)) continue;
      at = now();
      server->calls++;
      if (at < end) start_call(connection);
      else under_way--;
    }
  }
  server->took += at - begin;
}

static double cpu_seconds(void) {
  struct rusage usage;
  getrusage(RUSAGE_SELF, &usage);
  return usage.ru_utime.tv_sec + usage.ru_stime.tv_sec + (usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
}

static void run_round(struct server *servers, int many, const struct kind *kind, int connections, double seconds, int reversed) {
  double begin = now(), cpu = cpu_seconds();
  for (int index = 0; index < many; index++) servers[index].calls = servers[index].took = 0;
  for (double left = seconds; left > 0; left -= TURN) {
    for (int index = 0; index < many; index++) {
      drive(&servers[reversed ? many - 1 - index : index], kind, connections, left < TURN ? left : TURN);
    }
  }
  printf("{\"cpu\": %.3f, \"rates\": [", (cpu_seconds() - cpu) / (now() - begin));
  for (int index = 0; index < many; index++) {
    printf("%s%.1f", index == 0 ? "" : ", ", servers[index].calls / servers[index].took);
  }
  printf("]}\n");
}

static int floor_rate(double seconds) {
  struct sockaddr_in address = {.sin_family = AF_INET};
  socklen_t size = sizeof address;
  int yes = 1, listener = socket(AF_INET, SOCK_STREAM, 0);
  inet_pton(AF_INET, "127.0.0.1", &address.sin_addr);
  if (bind(listener, (struct sockaddr *)&address, size) != 0 || listen(listener, 1) != 0) die("listen");
  getsockname(listener, (struct sockaddr *)&address, &size);
  int is_server = fork() == 0;
  int peer = is_server ? accept(listener, NULL, NULL) : socket(AF_INET, SOCK_STREAM, 0);
  if (!is_server && connect(peer, (struct sockaddr *)&address, size) != 0) die("connect");
  setsockopt(peer, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
  struct epoll_event event = {.events = EPOLLIN};
  int poll = epoll_create1(0);
  epoll_ctl(poll, EPOLL_CTL_ADD, peer, &event);
  /* As long as those of rpyc. */
  struct bytes message = {.length = is_server ? 25 : 90}, received;
  double begin = now(), cpu = cpu_seconds();
  size_t calls = 0;
  if (!is_server) send_all(peer, &message);
  while (is_server || now() - begin < seconds) {
    epoll_wait(poll, &event, 1, -1);
    if (recv(peer, received.data, MAX_MESSAGE, 0) <= 0) break;
    calls++;
    send_all(peer, &message);
  }
  double took = now() - begin;
  if (!is_server) printf("{\"cpu\": %.3f, \"rates\": [%.1f]}\n", (cpu_seconds() - cpu) / took, calls / took);
  return 0;
}

int main(int count, char **arguments) {
  if (count == 3 && strcmp(arguments[1], "floor") == 0) return floor_rate(atof(arguments[2]));
  if (count != 8) {
    fprintf(stderr, "usage: load rpyc|http|ws|zmq HOST PORT[,PORT] CONNECTIONS WARM SECONDS ROUNDS | load floor SECONDS\n");
    return 2;
  }
  const struct kind *kind = NULL;
  for (size_t index = 0; index < sizeof KINDS / sizeof *KINDS; index++) {
    if (strcmp(KINDS[index].name, arguments[1]) == 0) kind = &KINDS[index];
  }
  int connections = atoi(arguments[4]), rounds = atoi(arguments[7]);
  double warm = atof(arguments[5]), seconds = atof(arguments[6]);
  if (kind == NULL || connections < 1 || connections > MAX_CONNECTIONS) {
    fprintf(stderr, "load: unknown kind, or not 1 to %d connections\n", MAX_CONNECTIONS);
    return 2;
  }
  struct server servers[MAX_SERVERS] = {0};
  int many = 0;
  for (char *port = strtok(arguments[3], ","); port != NULL && many < MAX_SERVERS; port = strtok(NULL, ",")) {
    connect_all(&servers[many++], kind, arguments[2], atoi(port), connections);
  }
  if (warm > 0) {
    for (int index = 0; index < many; index++) drive(&servers[index], kind, connections, warm);
  }
  for (int round = 0; round < rounds; round++) run_round(servers, many, kind, connections, seconds, round % 2);
  return 0;
}
