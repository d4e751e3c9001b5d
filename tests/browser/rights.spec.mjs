// The app's controls, compared with docs/rights.md: each role of a unit that is named on a board.
import { expect, test } from "@playwright/test";
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { Server, program, signIn, synced } from "./server.mjs";

const PLAN = "京蒙协作“消费帮扶”举措清单";
const ROLES = ["editor", "reporter", "reader", "supervisor", "leader", "guest", "keeper", "administrator"];

// Cells of the two tables: by action (or kind of entry) and role.
function table() {
  const rows = {};
  let head = [];
  for (const line of readFileSync("../docs/rights.md", "utf8").split("\n")) {
    if (!line.startsWith("|") || line.includes("---")) continue;
    const cells = line.split("|").slice(1, -1).map((cell) => cell.trim());
    if (cells[0] === "document" || cells[0] === "entry") head = cells;
    else {
      const name = head[0] === "document" ? cells[1] : cells[0];
      rows[name] = Object.fromEntries(head.map((role, place) => [role, cells[place]]));
    }
  }
  return rows;
}

test("each role sees the controls that the table of rights gives it", async ({ browser }) => {
  test.setTimeout(240_000);
  const server = await Server.start();
  const rights = table();
  const office = await (await browser.newContext()).newPage();
  await signIn(office, server.address);
  await synced(office);
  await office.getByRole("link", { name: PLAN }).click();
  await office.locator("summary", { hasText: "参与单位" }).click();
  await office.getByLabel("邀请来宾单位").selectOption({ label: "市信访局" });
  await expect(office.locator(".menu__list").first()).toContainText("北京来宾");
  await synced(office);

  for (const role of ROLES) {
    const guest = role === "guest";
    const unit = guest ? "市信访局" : "海拉尔区人民政府";
    const relation = guest ? "受邀" : "涉及";
    const may = (action) => {
      const cell = rights[action][role];
      return cell === "全部" || cell === "✓" || cell.split("、").includes(relation);
    };
    const link = execFileSync(program, ["admin", "invite", unit, "--role", role], { env: { ...process.env, TONGBAN_DATA: server.data } });
    const page = await (await browser.newContext()).newPage();
    await page.goto(server.address + link.toString().trim());
    await page.getByLabel("用户名").fill(`u-${role}`);
    await page.locator('input[name="password"]').fill("tongban-demo");
    await page.getByRole("button", { name: "完成" }).click();
    await page.getByRole("heading", { name: "工作台" }).waitFor();
    await synced(page);
    const note = (control) => `${control} for ${role}`;
    const rail = page.getByRole("navigation", { name: "导航" });
    await expect(rail.getByRole("link", { name: "审计" }), note("audit")).toHaveCount(may("邀请、调整角色、注销设备、查看审计") ? 1 : 0);
    const card = page.getByRole("link", { name: PLAN });
    await expect(card, note("board")).toHaveCount(may("读取清单") ? 1 : 0);
    await card.click();
    await expect(page.getByRole("button", { name: "发布", exact: true }), note("publish")).toHaveCount(may("发布、撤回") ? 1 : 0);
    await page.getByTestId("item").first().getByRole("link").click();
    const title = page.getByLabel("标题");
    if (may("修改清单（定稿前的计划、台账、登记项）")) await expect(title, note("edit")).toBeEnabled();
    else await expect(title, note("edit")).toBeDisabled();
    const writes = may("写入本单位的记录") && (may("report") || may("comment"));
    await expect(page.getByLabel("写一条进展"), note("report")).toHaveCount(writes ? 1 : 0);
    const asks = page.getByRole("button", { name: "申请销号" });
    await expect(asks, note("close request")).toHaveCount(!guest && may("close_request") ? 1 : 0);
    if (writes) {
      // What the app offers the server takes: nothing is refused.
      await page.getByLabel("写一条进展").fill(`由 ${role} 写下`);
      await page.getByLabel("写一条进展").locator("xpath=ancestor::form").getByRole("button", { name: "保存" }).click();
      await expect(page.locator(".entries")).toContainText(`由 ${role} 写下`);
      await synced(page);
    }
    await page.goto(`${server.address}/units`);
    await expect(page.getByLabel("新增单位"), note("units")).toHaveCount(may("维护单位、模板，新建清单") ? 1 : 0);
    await page.context().close();
  }
  await server.end();
});
