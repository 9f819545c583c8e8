/**
 * What Python 3 calls the modules, classes and functions of Python 2. Pickles below protocol 3 use the old names, also
 * those that Python 3 writes.
 *
 * Source: Python's Lib/_compat_pickle.py, whose two tables these are, without the names that need no table: every
 * exception keeps its name and moves from `exceptions` to `builtins`.
 */

/** A module and a name in it. */
export interface PythonName {
  readonly module: string;
  readonly name: string;
}

// prettier-ignore
const modules: ReadonlyMap<string, string> = new Map([
  ["__builtin__", "builtins"], ["copy_reg", "copyreg"], ["cPickle", "pickle"], ["commands", "subprocess"],
  ["UserDict", "collections"], ["UserList", "collections"], ["UserString", "collections"], ["_abcoll", "collections.abc"],
  ["StringIO", "io"], ["cStringIO", "io"], ["Queue", "queue"], ["repr", "reprlib"], ["ConfigParser", "configparser"],
  ["thread", "_thread"], ["dummy_thread", "_dummy_thread"], ["_winreg", "winreg"], ["markupbase", "_markupbase"],
  ["anydbm", "dbm"], ["whichdb", "dbm"], ["dbhash", "dbm.bsd"], ["dumbdbm", "dbm.dumb"], ["dbm", "dbm.ndbm"], ["gdbm", "dbm.gnu"],
  ["SocketServer", "socketserver"], ["xmlrpclib", "xmlrpc.client"], ["SimpleXMLRPCServer", "xmlrpc.server"], ["DocXMLRPCServer", "xmlrpc.server"],
  ["httplib", "http.client"], ["Cookie", "http.cookies"], ["cookielib", "http.cookiejar"],
  ["BaseHTTPServer", "http.server"], ["SimpleHTTPServer", "http.server"], ["CGIHTTPServer", "http.server"],
  ["htmlentitydefs", "html.entities"], ["HTMLParser", "html.parser"], ["_elementtree", "xml.etree.ElementTree"],
  ["urlparse", "urllib.parse"], ["robotparser", "urllib.robotparser"], ["urllib2", "urllib.request"], ["test.test_support", "test.support"],
  ["Tkinter", "tkinter"], ["Tkconstants", "tkinter.constants"], ["Tix", "tkinter.tix"], ["ttk", "tkinter.ttk"], ["tkFont", "tkinter.font"],
  ["Dialog", "tkinter.dialog"], ["FileDialog", "tkinter.filedialog"], ["SimpleDialog", "tkinter.simpledialog"], ["ScrolledText", "tkinter.scrolledtext"],
  ["Tkdnd", "tkinter.dnd"], ["tkFileDialog", "tkinter.filedialog"], ["tkSimpleDialog", "tkinter.simpledialog"],
  ["tkColorChooser", "tkinter.colorchooser"], ["tkCommonDialog", "tkinter.commondialog"], ["tkMessageBox", "tkinter.messagebox"],
]);

// prettier-ignore
const names: ReadonlyMap<string, readonly [module: string, name: string]> = new Map([
  ["__builtin__.xrange", ["builtins", "range"]], ["__builtin__.reduce", ["functools", "reduce"]], ["__builtin__.intern", ["sys", "intern"]],
  ["__builtin__.unichr", ["builtins", "chr"]], ["__builtin__.unicode", ["builtins", "str"]], ["__builtin__.basestring", ["builtins", "str"]],
  ["__builtin__.long", ["builtins", "int"]], ["itertools.izip", ["builtins", "zip"]], ["itertools.imap", ["builtins", "map"]],
  ["itertools.ifilter", ["builtins", "filter"]], ["itertools.ifilterfalse", ["itertools", "filterfalse"]], ["itertools.izip_longest", ["itertools", "zip_longest"]],
  ["UserDict.IterableUserDict", ["collections", "UserDict"]], ["exceptions.StandardError", ["builtins", "Exception"]],
  ["_socket.fromfd", ["socket", "fromfd"]], ["socket._socketobject", ["socket", "SocketType"]],
  ["_multiprocessing.Connection", ["multiprocessing.connection", "Connection"]], ["multiprocessing.process.Process", ["multiprocessing.context", "Process"]],
  ["multiprocessing.forking.Popen", ["multiprocessing.popen_fork", "Popen"]], ["multiprocessing.AuthenticationError", ["multiprocessing.context", "AuthenticationError"]],
  ["multiprocessing.BufferTooShort", ["multiprocessing.context", "BufferTooShort"]], ["multiprocessing.ProcessError", ["multiprocessing.context", "ProcessError"]],
  ["multiprocessing.TimeoutError", ["multiprocessing.context", "TimeoutError"]], ["urllib.ContentTooShortError", ["urllib.error", "ContentTooShortError"]],
  ["urllib.getproxies", ["urllib.request", "getproxies"]], ["urllib.pathname2url", ["urllib.request", "pathname2url"]],
  ["urllib.url2pathname", ["urllib.request", "url2pathname"]], ["urllib.urlcleanup", ["urllib.request", "urlcleanup"]],
  ["urllib.urlopen", ["urllib.request", "urlopen"]], ["urllib.urlretrieve", ["urllib.request", "urlretrieve"]],
  ["urllib.quote", ["urllib.parse", "quote"]], ["urllib.quote_plus", ["urllib.parse", "quote_plus"]], ["urllib.unquote", ["urllib.parse", "unquote"]],
  ["urllib.unquote_plus", ["urllib.parse", "unquote_plus"]], ["urllib.urlencode", ["urllib.parse", "urlencode"]],
  ["urllib2.HTTPError", ["urllib.error", "HTTPError"]], ["urllib2.URLError", ["urllib.error", "URLError"]],
]);

/**
 * The name that Python 3 gives to a name of Python 2; a name it does not know stays as it is.
 *
 * @example
 * python3Name("__builtin__", "set"); // { module: "builtins", name: "set" }
 */
export function python3Name(module: string, name: string): PythonName {
  const known = names.get(`${module}.${name}`);
  if (known !== undefined) return { module: known[0], name: known[1] };
  if (module === "exceptions") return { module: "builtins", name };
  return { module: modules.get(module) ?? module, name };
}
