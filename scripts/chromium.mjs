// Unpacks the browser that npm's package holds, beside this script.
import { rename } from "node:fs/promises";
import { join } from "node:path";

import chromium from "@sparticuz/chromium";

chromium.setGraphicsMode = false;
process.env.TMPDIR = process.cwd();
await rename(await chromium.executablePath(), join(process.cwd(), "chromium"));
