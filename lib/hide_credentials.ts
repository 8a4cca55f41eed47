// The user and password of a URL, unless they are masked or an example. A password that should be percent-encoded may contain slashes,
// and a URL that was given as a path has one slash, or backslashes on Windows (two in JSON).
const USER =
  /(?<![a-z0-9+.-])([a-z][a-z0-9+.-]*:\/\/|https?:(?:\/|\\{1,2}))(?!\*\*\*@|user:password@)(?:[^\s/?#"'<>]*@|[^\s/:@"'<>]+:(?!\d*(?:[/?#\s]|$))[^\s"'<>]*@)/gi;
const QUERY = /(https?:[\\/]{1,2}[^\s"'<>?#]*)\?[^\s"'<>),]*/gi;

/** Removes user, password and query from each URL in a text: `http://host/rpc?…`. */
export function hideCredentials(text: string): string {
  return /:[\\/]/.test(text) ? text.replace(USER, "$1").replace(QUERY, "$1?…") : text;
}
