/** What a client says about itself: PING, HELLO, AUTH, CLIENT, RESET, QUIT. */

import { group, script } from "../script.ts";

const helloIdentity = "the reply names server, version and connection id";
const sevenTwo = "new in Redis 7.2";

export default group("connection", [
  script("PING and ECHO", (t) => {
    t.all("PING", "PING hello", "ping ''", "PING a b", "ECHO hello", "ECHO ''");
    t.run("ECHO", "\x00\r\n\xff");
    t.run("PING", "\r\n");
    t.all("ECHO", "ECHO a b");
  }),

  script("HELLO switches the protocol", (t) => {
    t.sameShape("HELLO 3");
    t.all("GET missing", "DEBUG PROTOCOL NULL", "CLIENT GETNAME");
    t.sameShape("HELLO 2");
    t.all("GET missing", "DEBUG PROTOCOL NULL", "CLIENT GETNAME");
    t.sameShape("HELLO");
    t.sameShape("HELLO 3 SETNAME tester");
    t.all("CLIENT GETNAME", "HELLO 2 SETNAME 'bad name'", "GET missing");
    t.sameShape("hello 2 setname other");
    t.all("CLIENT GETNAME");
    t.sameShape("HELLO 3 AUTH default anything");
    t.sameShape("HELLO 3 AUTH default anything SETNAME third");
    t.run("CLIENT GETNAME");
  }),

  script("HELLO refuses what it does not know", (t) => {
    for (
      const version of ["1", "4", "0", "-1", "abc", "''", "2.0", "999999999999"]
    ) {
      t.run(`HELLO ${version}`);
    }
    t.all(
      "HELLO 3 WAT",
      "HELLO 3 AUTH",
      "HELLO 3 AUTH default",
      "HELLO 3 SETNAME",
    );
    t.all(
      "HELLO 3 SETNAME a WAT",
      "HELLO 2 AUTH nobody wrong",
      "HELLO AUTH a b",
    );
    t.all("HELLO SETNAME a", "HELLO 3 AUTH nobody wrong SETNAME x");
    t.differs(
      "7.2 changes nothing before all options are known to be good",
      (_, protocol) => protocol === 3 ? "_\r\n" : "$-1\r\n",
      "CLIENT GETNAME",
    );
    t.run("GET missing");
  }),

  script("HELLO replies with the server's identity", (t) => {
    t.ignore(helloIdentity, "HELLO 2");
    t.ignore(helloIdentity, "HELLO 3");
  }),

  script("Every kind of RESP value, as DEBUG PROTOCOL shows them", (t) => {
    for (
      const kind of [
        "STRING",
        "INTEGER",
        "DOUBLE",
        "NULL",
        "ARRAY",
        "SET",
        "MAP",
        "BIGNUM",
        "TRUE",
        "FALSE",
        "VERBATIM",
      ]
    ) {
      t.all(`DEBUG PROTOCOL ${kind}`, `debug protocol ${kind.toLowerCase()}`);
    }
    t.all("DEBUG PROTOCOL WAT", "DEBUG PROTOCOL");
  }),

  script("AUTH without a configured password", (t) => {
    t.all("AUTH secret", "AUTH default secret", "AUTH nobody secret", "AUTH");
    t.all("AUTH a b c", "AUTH default ''", "AUTH ''", "PING");
  }),

  script("AUTH with a configured password", (t) => {
    t.run("CONFIG SET requirepass secret");
    const late = t.client("late");
    late.all("PING", "GET k", "AUTH wrong", "AUTH default wrong", "WAT", "GET");
    late.all(
      "AUTH nobody secret",
      "AUTH",
      "CLIENT GETNAME",
      "RESET",
    );
    late.differs(
      "7.2 names the place of the protocol version in its advice",
      (recorded) => recorded.replace("HELLO AUTH", "HELLO <proto> AUTH"),
      "HELLO 3",
    );
    late.all("HELLO 2 AUTH default wrong", "QUITT", "ECHO x", "AUTH secret");
    late.all(
      "PING",
      "AUTH wrong",
      "PING",
      "AUTH default secret",
      "RESET",
      "PING",
    );
    late.sameShape("HELLO 2 AUTH default secret");
    late.all("PING", "CONFIG GET requirepass", "QUIT");
    late.closed();
    t.all("PING", "CONFIG SET requirepass ''", "AUTH secret");
    t.client("free").run("PING");
  }, [2]),

  script("CLIENT SETNAME and GETNAME", (t) => {
    t.all("CLIENT GETNAME", "CLIENT SETNAME tester", "CLIENT GETNAME");
    t.all("CLIENT SETNAME 'two words'", "CLIENT SETNAME ''", "CLIENT GETNAME");
    t.run("CLIENT SETNAME", "line\nbreak");
    t.run("CLIENT SETNAME", "\xff");
    t.run("CLIENT SETNAME", "\x7f");
    t.run("CLIENT SETNAME", "~!");
    t.all("CLIENT GETNAME", "CLIENT SETNAME", "CLIENT SETNAME a b");
    t.all("CLIENT GETNAME x", "client setname lower", "Client GetName");
  }),

  script("CLIENT SETINFO names the library", (t) => {
    const ok = "+OK\r\n";
    t.differs(sevenTwo, ok, "CLIENT SETINFO LIB-NAME tester");
    t.differs(sevenTwo, ok, "CLIENT SETINFO lib-ver 1.2.3");
    t.differs(sevenTwo, ok, "CLIENT SETINFO LIB-NAME ''");
    t.differs(
      sevenTwo,
      "-ERR LIB-NAME cannot contain spaces, newlines or special characters.\r\n",
      "CLIENT SETINFO LIB-NAME 'two words'",
    );
    t.differs(
      sevenTwo,
      "-ERR LIB-VER cannot contain spaces, newlines or special characters.\r\n",
      "CLIENT SETINFO LIB-VER",
      "a\nb",
    );
    t.differs(
      sevenTwo,
      "-ERR Unrecognized option 'WAT'\r\n",
      "CLIENT SETINFO WAT x",
    );
    t.differs(
      sevenTwo,
      "-ERR wrong number of arguments for 'client|setinfo' command\r\n",
      "CLIENT SETINFO LIB-NAME",
    );
  }),

  script("CLIENT NO-TOUCH is accepted", (t) => {
    t.differs(sevenTwo, "+OK\r\n", "CLIENT NO-TOUCH ON");
    t.differs(sevenTwo, "+OK\r\n", "CLIENT NO-TOUCH off");
    t.differs(sevenTwo, "-ERR syntax error\r\n", "CLIENT NO-TOUCH WAT");
  }),

  script("CLIENT REPLY turns replies off and on", (t) => {
    t.silent("CLIENT REPLY OFF");
    t.silent("SET k v");
    t.silent("WAT");
    t.silent("CLIENT REPLY WAT");
    t.silent("CLIENT REPLY SKIP");
    t.all("CLIENT REPLY ON", "GET k");
    t.silent("CLIENT REPLY SKIP");
    t.silent("SET k skipped");
    t.all("GET k", "CLIENT REPLY ON", "CLIENT REPLY WAT", "CLIENT REPLY");
    t.all("CLIENT REPLY ON OFF", "PING");
  }),

  script("CLIENT KILL refuses what it does not know", (t) => {
    t.all(
      "CLIENT KILL",
      "CLIENT KILL 1.2.3.4:5",
      "CLIENT KILL ID",
      "CLIENT KILL ''",
    );
    t.all("CLIENT KILL ID abc", "CLIENT KILL ID 0", "CLIENT KILL ID -1");
    t.all(
      "CLIENT KILL ID 999999999",
      "CLIENT KILL TYPE wat",
      "CLIENT KILL USER nobody",
    );
    t.all("CLIENT KILL ADDR 1.2.3.4:5", "CLIENT KILL LADDR 1.2.3.4:5");
    t.all(
      "CLIENT KILL SKIPME wat",
      "CLIENT KILL WAT x",
      "CLIENT KILL ID 1 TYPE",
    );
    t.all(
      "CLIENT KILL TYPE pubsub",
      "CLIENT KILL TYPE master",
      "CLIENT KILL TYPE replica",
    );
    t.all("CLIENT KILL ID 1.5", "CLIENT KILL SKIPME yes ID 999999999");
  }),

  script("CLIENT KILL closes other connections, and at last its own", (t) => {
    const victim = t.client("victim");
    victim.run("PING");
    // Connections of scripts before this one may still be closing.
    t.approximate(20, "CLIENT KILL TYPE normal SKIPME yes");
    victim.closed();
    t.run("PING");
    t.approximate(20, "CLIENT KILL TYPE normal SKIPME no");
    t.closed();
  }),

  script("CLIENT LIST and INFO refuse what they do not know", (t) => {
    t.all("CLIENT LIST TYPE", "CLIENT LIST TYPE wat", "CLIENT LIST WAT");
    t.all("CLIENT LIST ID", "CLIENT LIST ID abc", "CLIENT LIST ID 0");
    t.all("CLIENT LIST ID 999999999", "CLIENT INFO x", "CLIENT ID x");
    t.all("CLIENT LIST TYPE pubsub", "CLIENT LIST TYPE normal ID 1");
    t.sameShape("CLIENT LIST");
    t.sameShape("CLIENT INFO");
    t.sameShape("CLIENT ID");
  }),

  script("CLIENT refuses unknown subcommands", (t) => {
    t.all(
      "CLIENT",
      "CLIENT WAT",
      "CLIENT WAT x",
      "CLIENT ''",
      "CLIENT GETNAMES",
    );
    t.all("CLIENT NO-EVICT", "CLIENT NO-EVICT WAT", "CLIENT NO-EVICT ON");
    t.all("CLIENT NO-EVICT off", "CLIENT HELP x");
  }),

  script("RESET brings a connection back to its beginning", (t) => {
    t.all("SELECT 3", "CLIENT SETNAME tester", "SET k v", "RESET");
    t.all("CLIENT GETNAME", "EXISTS k", "GET missing", "DEBUG PROTOCOL NULL");
    t.all("RESET x", "SELECT 3", "EXISTS k");
  }),

  script("QUIT says OK and closes the connection", (t) => {
    t.all("PING", "QUIT");
    t.closed();
    const other = t.client("other");
    other.run("quit now please");
    other.closed();
  }),

  script("Unknown commands and wrong arities, word by word", (t) => {
    t.all("WAT", "wat a", "WAT a b c", "GETT k", "''", "WAT ''");
    t.run("WAT", "a".repeat(200), "b".repeat(200));
    t.run("WAT", ...Array.from({ length: 60 }, (_, n) => `argument${n}`));
    t.run("WAT" + "x".repeat(200), "a");
    t.run("WAT", "line\r\nbreak", "'quoted'", "\x00\xff");
    t.run("W\r\nT", "a");
    t.run("\xff\x00", "x");
    t.all(
      "get",
      "GET a b c",
      "Set",
      "incr",
      "EXISTS",
      "FLUSHALL a b",
      "DBSIZE 1",
    );
    t.all("CONFIG", "CONFIG GET", "OBJECT", "MEMORY", "COMMAND WAT", "DEBUG");
  }),
]);
