// The app's controls, compared with docs/rights.md: each role of a unit that leads a board, is named on
// it, was invited to it, or none of these.
import { expect, test } from "@playwright/test";
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { Server, program, signIn, synced } from "./server.mjs";

const PLAN = "京蒙协作“教育协作”举措清单";
const UNITS = { 牵头: "市教育局", 涉及: "海拉尔区人民政府", 受邀: "市信访局", 其他: "市商务局" };
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

// Somebody new of a unit in a role, signed in by the link of an invitation.
async function join(browser, server, unit, role) {
  const data = { ...process.env, TONGBAN_DATA: server.data };
  const link = execFileSync(program, ["admin", "invite", unit, "--role", role], { env: data });
  const page = await (await browser.newContext()).newPage();
  await page.goto(server.address + link.toString().trim());
  await page.getByLabel("用户名").fill(`u-${role}-${Object.values(UNITS).indexOf(unit)}`);
  await page.locator('input[name="password"]').fill("tongban-demo");
  await page.getByRole("button", { name: "完成" }).click();
  await page.locator("h1, h2", { hasText: /工作台|我的事项/ }).first().waitFor();
  await synced(page);
  return page;
}

// What the table of rights says of a role whose unit stands in a relation to the board.
function asked(rights, role, relation) {
  return (action) => {
    const cell = rights[action]?.[role];
    if (cell === undefined) throw new Error(`the table does not know ${action} of ${role}`);
    return cell === "全部" || cell === "✓" || (cell === "◆" && relation === "牵头") || cell.split("、").includes(relation);
  };
}

async function look(page, server, board, may, name) {
  const shown = (control, what, there) => expect(control, `${what} for ${name}`).toHaveCount(there ? 1 : 0);
  const rail = page.getByRole("navigation", { name: "导航" });
  await shown(rail.getByRole("link", { name: "审计" }), "audit", may("邀请、调整角色、注销设备、查看审计"));
  const reads = may("读取清单");
  await shown(page.getByRole("link", { name: PLAN }), "board", reads);
  await page.goto(`${server.address}/units`);
  await shown(page.getByLabel("新增单位"), "units", may("维护单位、模板，新建清单"));
  await page.goto(board);
  if (!reads) {
    // Nor by its address.
    await page.getByRole("navigation", { name: "导航" }).waitFor();
    await synced(page);
    await shown(page.getByTestId("item"), "items", false);
    return;
  }
  const [writes, decides] = [may("修改清单（定稿前的计划、台账、登记项）"), may("定稿、修改已定稿的计划、采纳提议")];
  await page.getByTestId("item").first().waitFor();
  await shown(page.getByRole("button", { name: "发布", exact: true }), "publish", may("发布、撤回"));
  await page.locator("summary", { hasText: "参与单位" }).click();
  await shown(page.getByLabel("邀请来宾单位"), "guests", decides);
  await shown(page.locator(".menu__list").getByLabel("添加单位"), "members", writes);
  await page.getByRole("link", { name: "定稿与审核" }).click();
  await expect(page.getByTestId("plan-state")).toBeVisible();
  await shown(page.getByRole("button", { name: "定稿", exact: true }), "settle", decides);
  // Somebody has asked to close this one out.
  await page.goto(board);
  await page.getByTestId("item").first().getByRole("link").click();
  const title = page.getByLabel("标题");
  if (writes) await expect(title, `edit for ${name}`).toBeEnabled();
  else await expect(title, `edit for ${name}`).toBeDisabled();
  const part = page.getByTestId("part").filter({ hasText: UNITS.涉及 });
  await expect(part).toContainText("申请");
  await shown(part.getByRole("button", { name: "同意销号" }), "close", may("销号、停用等决定"));
  await shown(part.getByRole("button", { name: "退回" }), "return", may("退回销号"));
  await shown(page.getByRole("button", { name: "停用这条举措" }), "retire", may("retire"));
  const records = may("写入本单位的记录") && (may("report") || may("comment"));
  const saying = page.getByLabel("写一条进展");
  await shown(saying, "report", records);
  if (records) {
    // What the app offers the server takes: nothing is refused.
    await saying.fill(`由 ${name} 写下`);
    await saying.locator("xpath=ancestor::form").getByRole("button", { name: "保存" }).click();
    await expect(page.locator(".entries")).toContainText(`由 ${name} 写下`);
    await synced(page);
  }
  // Nobody has asked for this one, which names the unit that leads and the one that is named.
  await page.goto(board);
  await page.getByTestId("item").nth(1).getByRole("link").click();
  await page.getByTestId("part").first().waitFor();
  const named = name.startsWith("牵头") || name.startsWith("涉及");
  await shown(page.getByRole("button", { name: "申请销号" }), "close request", named && may("close_request"));
}

test("each role sees the controls that the table of rights gives it", async ({ browser }) => {
  test.setTimeout(480_000);
  const server = await Server.start();
  const rights = table();
  const office = await (await browser.newContext()).newPage();
  await signIn(office, server.address);
  await synced(office);
  await office.getByRole("link", { name: PLAN }).click();
  await office.getByTestId("item").first().waitFor();
  const board = office.url();
  await office.locator("summary", { hasText: "参与单位" }).click();
  await office.getByLabel("邀请来宾单位").selectOption({ label: UNITS.受邀 });
  await expect(office.locator(".menu__list").first()).toContainText("北京来宾");
  await synced(office);
  const hailar = await (await browser.newContext()).newPage();
  await signIn(hailar, server.address, "hailar");
  await synced(hailar);
  await hailar.goto(board);
  await hailar.getByTestId("item").first().getByRole("link").click();
  await hailar.getByTestId("part").filter({ hasText: UNITS.涉及 }).getByRole("button", { name: "申请销号" }).click();
  await synced(hailar);

  let looked = 0;
  for (const role of ROLES) {
    await Promise.all(Object.entries(UNITS).map(async ([relation, unit]) => {
      const page = await join(browser, server, unit, role);
      await look(page, server, board, asked(rights, role, relation), `${relation} ${role}`);
      await page.context().close();
      looked += 1;
    }));
  }
  expect(looked).toBe(ROLES.length * 4);

  // An enterprise has no board, whatever it is named on.
  const firm = await (await browser.newContext()).newPage();
  await firm.goto(server.address);
  await firm.getByLabel("用户名").fill("ruye");
  await firm.getByLabel("密码").fill("tongban-demo");
  await firm.getByRole("button", { name: "登录", exact: true }).click();
  await firm.getByRole("heading", { name: /我的事项/ }).waitFor();
  const may = asked(rights, "enterprise", "涉及");
  expect([may("读取清单"), may("读取单位、人员和清单目录"), may("查询涉及本企业的全部条目")]).toEqual([false, false, true]);
  await expect(firm.getByRole("navigation", { name: "导航" }).getByRole("link")).toHaveText([/我的事项/, /本机/]);
  await expect(firm.getByTestId("saying").first()).toBeVisible({ visible: may("写入本单位的记录") });
  for (const path of [board, `${server.address}/units`, `${server.address}/audit`]) {
    await firm.goto(path);
    await synced(firm);
    await expect(firm.getByTestId("item").or(firm.getByLabel("新增单位"))).toHaveCount(0);
    await expect(firm.getByText(UNITS.涉及)).toHaveCount(0);
  }
  await server.end();
});
