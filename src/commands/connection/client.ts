import {
  failure,
  quoted,
  subcommandSyntax,
  syntaxError,
  unblockReason,
} from "../../protocol/errors.ts";
import type { Call, Session } from "../call.ts";
import { arg } from "../define/args.ts";
import { command } from "../define/command.ts";
import { helpOf } from "../define/help.ts";
import { killClients } from "./client_kill.ts";
import { clientKind } from "./client_kind.ts";
import { checkedName } from "./client_name.ts";
import { pauseClients } from "./client_pause.ts";
import {
  caching,
  getredir,
  tracking,
  trackinginfo,
} from "./client_tracking.ts";

const FLAGS = ["noscript", "loading", "stale"] as const;
const ADMIN_FLAGS = ["admin", ...FLAGS] as const;

/** CLIENT: what a connection may know and change about itself and others. */
export const client = command({
  name: "CLIENT",
  group: "connection",
  since: "2.4.0",
  summary: "Tells about connections and changes them",
  complexity: "Depends on the subcommand",
  flags: [],
  subcommands: [
    caching,
    {
      name: "GETNAME",
      since: "2.6.9",
      summary: "Replies with the connection's name",
      complexity: "O(1)",
      flags: FLAGS,
      run({ client, reply }) {
        if (client.name === "") reply.null();
        else reply.latin1(client.name);
      },
    },
    getredir,
    {
      name: "ID",
      since: "5.0.0",
      summary: "Replies with the connection's number, never given twice",
      complexity: "O(1)",
      flags: FLAGS,
      run: ({ client, reply }) => reply.integer(client.id),
    },
    {
      name: "INFO",
      since: "6.2.0",
      summary: "Describes this connection in one line",
      complexity: "O(1)",
      flags: FLAGS,
      tips: ["nondeterministic_output"],
      run: ({ client, reply }) => reply.verbatim(`${client.describe()}\n`),
    },
    {
      name: "KILL",
      since: "2.4.0",
      summary: "Closes the connections that match all filters",
      complexity: "O(N), N = connections",
      flags: ADMIN_FLAGS,
      history: [
        ["2.8.12", "Filters came in place of the plain address."],
        ["2.8.12", "ID was added."],
        ["3.2.0", "TYPE knows master."],
        ["5.0.0", "TYPE knows replica; slave still works."],
        ["6.2.0", "LADDR was added."],
      ],
      args: [
        arg.oneOf(
          "filter",
          arg.string("old-format").display("ip:port").deprecatedSince(
            "2.8.12",
          ),
          arg.oneOf(
            "new-format",
            arg.integer("client-id").token("ID").since("2.8.12").optional(),
            arg.oneOf(
              "client-type",
              arg.token("NORMAL"),
              arg.token("MASTER").since("3.2.0"),
              arg.token("SLAVE"),
              arg.token("REPLICA").since("5.0.0"),
              arg.token("PUBSUB"),
            ).token("TYPE").since("2.8.12").optional(),
            arg.string("username").token("USER").optional(),
            arg.string("addr").token("ADDR").display("ip:port").optional(),
            arg.string("laddr").token("LADDR").display("ip:port").since(
              "6.2.0",
            ).optional(),
            arg.integer("maxage").token("MAXAGE").since("7.4.0").optional(),
            arg.oneOf("skipme", arg.token("YES"), arg.token("NO")).token(
              "SKIPME",
            ).optional(),
          ).multiple(),
        ),
      ],
      arity: -3,
      run: killClients,
    },
    {
      name: "LIST",
      since: "2.4.0",
      summary: "Describes the connections, a line each",
      complexity: "O(N), N = connections",
      flags: ADMIN_FLAGS,
      tips: ["nondeterministic_output"],
      history: [
        ["2.8.12", "The unique number was added as a field."],
        ["5.0.0", "TYPE was added."],
        ["6.0.0", "The user was added as a field."],
        [
          "6.2.0",
          "ID was added, and the fields argv-mem, tot-mem, laddr and redir.",
        ],
        ["7.0.0", "The fields resp, multi-mem, rbs and rbp were added."],
        ["7.0.3", "The field ssub was added."],
      ],
      args: [
        arg.oneOf(
          "client-type",
          arg.token("NORMAL"),
          arg.token("MASTER"),
          arg.token("REPLICA"),
          arg.token("PUBSUB"),
        ).token("TYPE").since("5.0.0").optional(),
        arg.integer("client-id").token("ID").since("6.2.0").multiple()
          .optional(),
      ],
      run: listClients,
    },
    {
      name: "NO-EVICT",
      since: "7.0.0",
      summary: "Spares this connection when clients take too much memory",
      complexity: "O(1)",
      flags: ADMIN_FLAGS,
      args: [arg.oneOf("enabled", arg.token("ON"), arg.token("OFF"))],
      run(call) {
        call.client.noEvict = onOrOff(call);
        call.reply.ok();
      },
    },
    {
      name: "NO-TOUCH",
      since: "7.2.0",
      summary: "Lets this connection read without making keys look used",
      complexity: "O(1)",
      flags: FLAGS,
      args: [arg.oneOf("enabled", arg.token("ON"), arg.token("OFF"))],
      run(call) {
        call.client.noTouch = onOrOff(call);
        call.reply.ok();
      },
    },
    {
      name: "PAUSE",
      since: "3.0.0",
      summary: "Holds up commands for some time, all of them or writes only",
      complexity: "O(1)",
      flags: ADMIN_FLAGS,
      history: [["6.2.0", "WRITE was added, and ALL for what was before."]],
      args: [
        arg.integer("timeout"),
        arg.oneOf("mode", arg.token("WRITE"), arg.token("ALL")).since("6.2.0")
          .optional(),
      ],
      run: pauseClients,
    },
    {
      name: "REPLY",
      since: "3.2.0",
      summary: "Chooses whether this connection gets replies",
      complexity: "O(1)",
      flags: FLAGS,
      args: [
        arg.oneOf(
          "action",
          arg.token("ON"),
          arg.token("OFF"),
          arg.token("SKIP"),
        ),
      ],
      run: chooseReplies,
    },
    {
      name: "SETINFO",
      since: "7.2.0",
      summary: "Notes which library this connection comes from",
      complexity: "O(1)",
      flags: FLAGS,
      tips: ["request_policy:all_nodes", "response_policy:all_succeeded"],
      args: [
        arg.oneOf(
          "attr",
          arg.string("libname").token("LIB-NAME"),
          arg.string("libver").token("LIB-VER"),
        ),
      ],
      run: setLibrary,
    },
    {
      name: "SETNAME",
      since: "2.6.9",
      summary: "Names this connection",
      complexity: "O(1)",
      flags: FLAGS,
      tips: ["request_policy:all_nodes", "response_policy:all_succeeded"],
      args: [arg.string("connection-name")],
      run(call) {
        call.client.name = checkedName(call, 2, "Client names");
        call.reply.ok();
      },
    },
    tracking,
    trackinginfo,
    {
      name: "UNBLOCK",
      since: "5.0.0",
      summary: "Ends the waiting of another connection for data",
      complexity: "O(N), N = connections",
      flags: ADMIN_FLAGS,
      args: [
        arg.integer("client-id"),
        arg.oneOf("unblock-type", arg.token("TIMEOUT"), arg.token("ERROR"))
          .optional(),
      ],
      run: unblock,
    },
    {
      name: "UNPAUSE",
      since: "6.2.0",
      summary: "Ends the holding up of commands",
      complexity: "O(N), N = connections that were held up",
      flags: ADMIN_FLAGS,
      run(call) {
        call.server.pause.end();
        call.reply.ok();
      },
    },
    helpOf("CLIENT", "5.0.0"),
  ],
});

function onOrOff(call: Call): boolean {
  if (call.is(2, "ON")) return true;
  if (call.is(2, "OFF")) return false;
  throw syntaxError;
}

function chooseReplies(call: Call): void {
  const { client } = call;
  if (call.is(2, "ON")) {
    client.replyMode = "on";
    call.reply.ok();
  } else if (call.is(2, "OFF")) client.replyMode = "off";
  else if (call.is(2, "SKIP")) {
    // Who gets no replies at all has none to skip.
    if (client.replyMode === "on") client.replyMode = "skip";
  } else throw syntaxError;
}

function setLibrary(call: Call): void {
  if (call.is(2, "LIB-NAME")) {
    call.client.libraryName = checkedName(call, 3, call.latin1(2));
  } else if (call.is(2, "LIB-VER")) {
    call.client.libraryVersion = checkedName(call, 3, call.latin1(2));
  } else throw failure(`ERR Unrecognized option '${quoted(call.latin1(2))}'`);
  call.reply.ok();
}

function unblock(call: Call): void {
  if (call.argc > 4) throw subcommandSyntax("CLIENT", call.latin1(1));
  const withError = call.argc > 3 && call.is(3, "ERROR");
  if (call.argc > 3 && !withError && !call.is(3, "TIMEOUT")) {
    throw unblockReason;
  }
  const id = call.integer(2);
  let found = false;
  for (const session of call.server.sessions()) {
    if (session.id === id) found = session.unblock(withError);
  }
  call.reply.integer(found ? 1 : 0);
}

function listClients(call: Call): void {
  let text = "";
  for (const session of listedSessions(call)) text += `${session.describe()}\n`;
  call.reply.verbatim(text);
}

function listedSessions(call: Call): Iterable<Session> {
  const all = [...call.server.sessions()];
  if (call.argc === 2) return all;
  if (call.argc === 4 && call.is(2, "TYPE")) {
    const kind = clientKind(call, 3);
    return all.filter((session) => session.kind === kind);
  }
  if (call.argc <= 3 || !call.is(2, "ID")) throw syntaxError;
  // In the order of the numbers, and as often as each is named.
  const byId = new Map(all.map((session) => [session.id, session]));
  const listed: Session[] = [];
  for (let i = 3; i < call.argc; i++) {
    const id = call.integerIn(i, -Infinity, Infinity, invalidClientId);
    const session = byId.get(id);
    if (session !== undefined) listed.push(session);
  }
  return listed;
}

const invalidClientId = failure("ERR Invalid client ID");
