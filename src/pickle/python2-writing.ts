/**
 * The names of Python 2 that Python 3 writes into pickles below protocol 3, for classes and functions of Python 3.
 *
 * Source: the two reverse tables of Python's Lib/_compat_pickle.py, without the exceptions, for which a rule is given.
 * The tables are not the inverse of those for reading: those know more old names than Python writes.
 */

import type { PythonName } from "./python2.ts";

// prettier-ignore
const modules: ReadonlyMap<string, string> = new Map([
  ["builtins", "__builtin__"], ["copyreg", "copy_reg"], ["queue", "Queue"], ["socketserver", "SocketServer"],
  ["configparser", "ConfigParser"], ["reprlib", "repr"], ["subprocess", "commands"], ["collections.abc", "_abcoll"],
  ["_markupbase", "markupbase"], ["winreg", "_winreg"], ["_thread", "thread"], ["_dummy_thread", "dummy_thread"],
  ["dbm", "anydbm"], ["dbm.bsd", "dbhash"], ["dbm.dumb", "dumbdbm"], ["dbm.ndbm", "dbm"], ["dbm.gnu", "gdbm"],
  ["xmlrpc.client", "xmlrpclib"], ["xmlrpc.server", "SimpleXMLRPCServer"], ["http.client", "httplib"], ["http.server", "BaseHTTPServer"],
  ["http.cookies", "Cookie"], ["http.cookiejar", "cookielib"], ["html.entities", "htmlentitydefs"], ["html.parser", "HTMLParser"],
  ["urllib.parse", "urlparse"], ["urllib.robotparser", "robotparser"], ["urllib.request", "urllib2"], ["test.support", "test.test_support"],
  ["_bz2", "bz2"], ["_dbm", "dbm"], ["_functools", "functools"], ["_gdbm", "gdbm"], ["_pickle", "pickle"],
  ["tkinter", "Tkinter"], ["tkinter.constants", "Tkconstants"], ["tkinter.tix", "Tix"], ["tkinter.ttk", "ttk"], ["tkinter.font", "tkFont"],
  ["tkinter.dialog", "Dialog"], ["tkinter.filedialog", "tkFileDialog"], ["tkinter.simpledialog", "tkSimpleDialog"],
  ["tkinter.colorchooser", "tkColorChooser"], ["tkinter.commondialog", "tkCommonDialog"], ["tkinter.messagebox", "tkMessageBox"],
  ["tkinter.scrolledtext", "ScrolledText"], ["tkinter.dnd", "Tkdnd"],
]);

// prettier-ignore
const names: ReadonlyMap<string, readonly [module: string, name: string]> = new Map([
  ["builtins.range", ["__builtin__", "xrange"]], ["functools.reduce", ["__builtin__", "reduce"]], ["_functools.reduce", ["__builtin__", "reduce"]],
  ["sys.intern", ["__builtin__", "intern"]], ["builtins.chr", ["__builtin__", "unichr"]], ["builtins.str", ["__builtin__", "unicode"]],
  ["builtins.int", ["__builtin__", "long"]], ["builtins.zip", ["itertools", "izip"]], ["builtins.map", ["itertools", "imap"]],
  ["builtins.filter", ["itertools", "ifilter"]], ["itertools.filterfalse", ["itertools", "ifilterfalse"]], ["itertools.zip_longest", ["itertools", "izip_longest"]],
  ["collections.UserDict", ["UserDict", "IterableUserDict"]], ["collections.UserList", ["UserList", "UserList"]], ["collections.UserString", ["UserString", "UserString"]],
  ["dbm.whichdb", ["whichdb", "whichdb"]], ["socket.fromfd", ["_socket", "fromfd"]], ["_socket.socket", ["socket", "_socketobject"]],
  ["multiprocessing.connection.Connection", ["_multiprocessing", "Connection"]], ["multiprocessing.context.Process", ["multiprocessing.process", "Process"]],
  ["multiprocessing.popen_fork.Popen", ["multiprocessing.forking", "Popen"]], ["multiprocessing.context.AuthenticationError", ["multiprocessing", "AuthenticationError"]],
  ["multiprocessing.context.BufferTooShort", ["multiprocessing", "BufferTooShort"]], ["multiprocessing.context.ProcessError", ["multiprocessing", "ProcessError"]],
  ["multiprocessing.context.TimeoutError", ["multiprocessing", "TimeoutError"]], ["urllib.error.ContentTooShortError", ["urllib", "ContentTooShortError"]],
  ["urllib.error.HTTPError", ["urllib2", "HTTPError"]], ["urllib.error.URLError", ["urllib2", "URLError"]],
  ["urllib.request.getproxies", ["urllib", "getproxies"]], ["urllib.request.pathname2url", ["urllib", "pathname2url"]], ["urllib.request.url2pathname", ["urllib", "url2pathname"]],
  ["urllib.request.urlcleanup", ["urllib", "urlcleanup"]], ["urllib.request.urlopen", ["urllib", "urlopen"]], ["urllib.request.urlretrieve", ["urllib", "urlretrieve"]],
  ["urllib.parse.quote_plus", ["urllib", "quote_plus"]], ["urllib.parse.quote", ["urllib", "quote"]], ["urllib.parse.unquote_plus", ["urllib", "unquote_plus"]],
  ["urllib.parse.unquote", ["urllib", "unquote"]], ["urllib.parse.urlencode", ["urllib", "urlencode"]],
  ["tkinter.filedialog.FileDialog", ["FileDialog", "FileDialog"]], ["tkinter.filedialog.LoadFileDialog", ["FileDialog", "LoadFileDialog"]],
  ["tkinter.filedialog.SaveFileDialog", ["FileDialog", "SaveFileDialog"]], ["tkinter.simpledialog.SimpleDialog", ["SimpleDialog", "SimpleDialog"]],
  ["xmlrpc.server.ServerHTMLDoc", ["DocXMLRPCServer", "ServerHTMLDoc"]], ["xmlrpc.server.XMLRPCDocGenerator", ["DocXMLRPCServer", "XMLRPCDocGenerator"]],
  ["xmlrpc.server.DocXMLRPCRequestHandler", ["DocXMLRPCServer", "DocXMLRPCRequestHandler"]], ["xmlrpc.server.DocXMLRPCServer", ["DocXMLRPCServer", "DocXMLRPCServer"]],
  ["xmlrpc.server.DocCGIXMLRPCRequestHandler", ["DocXMLRPCServer", "DocCGIXMLRPCRequestHandler"]],
  ["http.server.SimpleHTTPRequestHandler", ["SimpleHTTPServer", "SimpleHTTPRequestHandler"]], ["http.server.CGIHTTPRequestHandler", ["CGIHTTPServer", "CGIHTTPRequestHandler"]],
]);

/**
 * Exceptions that Python 2 does not have. Python writes some of them as an older one, which would not be read back as
 * what it was; here all keep their name.
 */
const newExceptions =
  /^(?:BlockingIO|BrokenPipe|ChildProcess|Connection|ConnectionAborted|ConnectionRefused|ConnectionReset|FileExists|FileNotFound|Interrupted|IsADirectory|ModuleNotFound|NotADirectory|Permission|ProcessLookup|Recursion|Timeout)Error$|^(?:ResourceWarning|StopAsyncIteration|EncodingWarning)$/;

const exception = /^[A-Z]\w*(?:Error|Warning|Exception|Exit|Interrupt|Iteration)$|^Warning$/;

/**
 * The name under which Python 3 writes a class or function into a pickle of protocol 2.
 *
 * @example
 * python2Name("builtins", "set"); // { module: "__builtin__", name: "set" }
 */
export function python2Name(module: string, name: string): PythonName {
  const known = names.get(`${module}.${name}`);
  if (known !== undefined) return { module: known[0], name: known[1] };
  if (module === "builtins" && exception.test(name) && !newExceptions.test(name))
    return { module: "exceptions", name };
  return { module: modules.get(module) ?? module, name };
}
