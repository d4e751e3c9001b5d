// Browser tests with Debian's Chromium; each test starts its own server on a free port.
import { defineConfig } from "@playwright/test";

export default defineConfig({
  testDir: "browser",
  timeout: 90_000,
  // A busy machine draws later; what is not there at once is waited for.
  expect: { timeout: 20_000 },
  workers: 2,
  retries: 0,
  reporter: [["list"]],
  use: {
    // Else a control that never comes takes the whole time of a test, and says less.
    actionTimeout: 40_000,
    browserName: "chromium",
    locale: "zh-CN",
    viewport: { width: 1366, height: 768 },
    launchOptions: {
      executablePath: process.env.TONGBAN_CHROMIUM ?? "/usr/bin/chromium",
      args: [
        "--no-sandbox", "--disable-quic", "--disable-background-networking", "--disable-component-update",
        "--disable-sync", "--no-first-run",
      ],
    },
  },
});
