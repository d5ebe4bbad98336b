import { commands, dialogues, limits, startTls } from "./smtp-commands.ts";
import { bodies, endings } from "./smtp-data.ts";
import type { Library } from "./topic.ts";

export function smtpSessions(library: Library): void {
  const common = { area: "smtp", op: "smtp.session", spec: ["RFC5321#3.3"] };
  endings(
    library.topic({
      ...common,
      topic: "end-of-data",
      description: "Ends of data and what others have taken for them: who writes one message delivers one",
    }),
  );
  bodies(library.topic({ ...common, topic: "bodies", description: "The octets of a message by DATA and by BDAT" }));
  dialogues(
    library.topic({
      ...common,
      topic: "dialogues",
      description: "Sessions: the transactions, and the classes of the replies",
    }),
  );
  commands(library.topic({ ...common, topic: "commands", description: "Arguments of MAIL and RCPT" }));
  startTls(library.topic({ ...common, topic: "starttls", description: "Commands in clear behind STARTTLS" }));
  limits(library.topic({ ...common, topic: "limits", description: "Sizes of lines, chunks and lists" }));
}
