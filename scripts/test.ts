/** `npm test`: everything that needs Node alone. */
import { finish, runQuick, sayWhatIsMissing } from "./runs.ts";

sayWhatIsMissing();
finish(await runQuick());
