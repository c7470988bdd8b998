// What every page gets better with. Nothing here is needed: each page works without it.

import { showCurrentTabs, startMenus } from "./menu.js";
import { startCopying } from "./copy.js";
import { startInvitation } from "./invitation.js";
import { startTimes } from "./time.js";
import { startTriage } from "./triage.js";
import { startWaiting } from "./waiting.js";

document.documentElement.classList.add("has-script");
startMenus();
showCurrentTabs(document);
startTimes(document);
startCopying();
startInvitation();
startWaiting();
startTriage();
