// The app's controls, compared with docs/rights.md: each role of a unit that leads a board, is named on
// it, was invited to it, or none of these.
import { confirm } from "./ask.mjs";
import { go } from "./go.mjs";
import { expect, test } from "./guard.mjs";
import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { promisify } from "node:util";
import { settle } from "./plan.mjs";
import { Server, openFirstItem, program, signIn, synced } from "./server.mjs";

const PLAN = "京蒙协作“教育协作”举措清单";
// A second plan of the same lead, which is settled while it is looked at.
const SETTLED = "京蒙协作“教研交流”举措清单";
const DOCUMENT = `某政办发〔2026〕3号

某市人民政府办公室关于印发一张举措清单的通知

各旗市区人民政府，市直有关部门：

${SETTLED}

一、目标任务

到2027年，联合教研活动每年不少于 6 次。

二、具体举措

（一）开展联合教研。每学期商定主题，轮流承办。（责任单位：市教育局，各旗市区人民政府）

（二）共建资源目录。整理课例和试题。（责任单位：市教育局，海拉尔区人民政府）
`;
// A board of another template, led by nobody who is asked here.
const ASSESSMENT = "招商引资考核与评价（演示）";
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
  const { stdout: link } = await promisify(execFile)(program, ["admin", "invite", unit, "--role", role], { env: data });
  const page = await (await browser.newContext()).newPage();
  await page.goto(server.address + link.trim());
  await page.getByLabel("用户名").fill(`u-${role}-${Object.values(UNITS).indexOf(unit)}`);
  await page.locator('input[name="password"]').fill("tongban-demo");
  await page.getByRole("button", { name: "完成" }).click();
  await page.locator("h1, h2", { hasText: /工作台|我的事项/ }).first().waitFor();
  await synced(page);
  return page;
}

// The right in the table for a role whose unit stands in a relation to the board.
function asked(rights, role, relation) {
  return (action) => {
    const cell = rights[action]?.[role];
    if (cell === undefined) throw new Error(`the table does not know ${action} of ${role}`);
    return cell === "全部" || cell === "✓" || (cell === "◆" && relation === "牵头") || cell.split("、").includes(relation);
  };
}

// A control that is there once, or more often, or not at all.
async function shown(control, what, name, there) {
  if (there) await expect(control.first(), `${what} for ${name}`).toBeVisible();
  else await expect(control, `${what} for ${name}`).toHaveCount(0);
}

// Questions about one person on one board: the table's cell, and the kinds that the unit may record.
function questions(rights, role, relation, name) {
  const may = asked(rights, role, relation);
  const records = (kind) => may("写入本单位的记录") && may(kind);
  return { may, records, expects: (control, what, there) => shown(control, what, name, there) };
}

async function lookAround(page, server, { may, expects }, name) {
  const rail = page.getByRole("navigation", { name: "导航" });
  await expects(rail.getByRole("link", { name: "审计" }), "audit", may("邀请、调整角色、注销设备、结束登录、查看审计和占用"));
  const makes = may("新建清单") || may("维护单位、模板");
  await expects(page.getByRole("main").getByRole("link", { name: "新建清单" }), "new board", makes);
  await go(page, `${server.address}/units`);
  await page.getByRole("heading", { name: "单位与人员" }).waitFor();
  await page.locator("main .item").first().waitFor();
  await expects(page.getByLabel("新增单位"), "units", may("维护单位、模板"));
  const administers = may("邀请、调整角色、注销设备、结束登录、查看审计和占用");
  await expects(page.getByRole("button", { name: "生成邀请链接" }), "invitations", administers);
  if (administers) {
    const invited = page.locator("form").filter({ hasText: "生成邀请链接" }).getByLabel("角色").locator("option");
    await expect(invited.filter({ hasText: /^管理员$/ }), `administrators for ${name}`).toHaveCount(may("指定或调整管理员") ? 1 : 0);
    // Nor does a keeper change who has more rights, or let them in anew.
    const office = page.locator("li").filter({ has: page.getByText(/^office · /) });
    await office.waitFor();
    await expects(office.getByRole("button", { name: "离任" }), "end an administrator", may("指定或调整管理员"));
  }
  await go(page, `${server.address}/import`);
  await page.getByTestId("source").fill(DOCUMENT.replace("3号", "4号").replace(SETTLED, "京蒙协作“对口支援”举措清单"));
  await page.getByTestId("read").click();
  await expect(page.getByTestId("accept"), `import for ${name}`).toBeEnabled({ enabled: may("新建清单") });
}

// Nor is a board that may not be read shown by its address.
async function notShown(page, board, name) {
  await go(page, `${board}/list`);
  await page.getByRole("navigation", { name: "导航" }).waitFor();
  await synced(page);
  await shown(page.getByTestId("item"), "items", name, false);
}

async function lookAtPlan(page, board, { may, records, expects }, name) {
  await go(page, `${board}/list`);
  const [writes, decides] = [may("修改清单（定稿前的计划、台账、登记项）"), may("定稿、修改已定稿的计划、采纳提议")];
  await page.getByTestId("item").first().waitFor();
  // The plan is being drafted: what leads to an edition is offered to who may publish.
  await expects(page.getByRole("link", { name: "去定稿" }), "publish", may("发布、撤回"));
  await page.locator("summary", { hasText: "可查看的单位" }).click();
  await expects(page.getByLabel("邀请来宾单位"), "guests", decides);
  await expects(page.locator(".menu__list").getByLabel("添加单位"), "members", writes);
  await page.getByText("公文与图表").click();
  await expects(page.locator("main").getByRole("link", { name: "催办" }), "remind", records("remind"));
  await page.getByRole("link", { name: "定稿与审核" }).click();
  await expect(page.getByTestId("plan-state")).toBeVisible();
  await expects(page.getByRole("button", { name: "定稿", exact: true }), "settle", decides);
  await page.getByRole("link", { name: "指标", exact: true }).click();
  await page.locator(".indicator").first().waitFor();
  await expects(page.locator(".indicator").getByRole("button", { name: "上报" }), "value", records("value"));
  await page.getByRole("link", { name: "会议模式" }).click();
  await page.locator(".meeting__title").first().waitFor();
  await expects(page.getByTestId("new-instruction").getByLabel("批示", { exact: true }), "instruction", records("instruction"));
  // Somebody has asked to close this one out.
  await go(page, `${board}/list`);
  await openFirstItem(page);
  const part = page.getByTestId("part").filter({ hasText: UNITS.涉及 });
  await expect(part).toContainText("申请");
  await expects(page.locator(".panel").getByRole("button", { name: "编辑", exact: true }), "edit", writes);
  await expects(part.getByRole("button", { name: "同意销号" }), "close", may("销号、停用等决定"));
  await expects(part.getByRole("button", { name: "退回" }), "return", may("退回销号"));
  await expects(page.getByRole("button", { name: "不再执行" }), "retire", may("retire"));
  const says = may("写入本单位的记录") && (may("report") || may("comment"));
  const saying = page.getByLabel("写一条进展");
  await expects(saying, "report", says);
  if (says) {
    // Everything that the app offers is taken by the server: nothing is refused.
    await saying.fill(`由 ${name} 写下`);
    await saying.locator("xpath=ancestor::form").getByRole("button", { name: "保存" }).click();
    await expect(page.locator(".entries")).toContainText(`由 ${name} 写下`);
    await synced(page);
  }
  // Nobody has asked for this one, which names the unit that leads and the one that is named.
  await go(page, `${board}/list`);
  await page.getByTestId("item").nth(1).getByRole("link").click();
  await page.getByTestId("part").first().waitFor();
  const named = name.startsWith("牵头") || name.startsWith("涉及");
  await expects(page.getByRole("button", { name: "申请销号" }), "close request", named && may("close_request"));
}

// A settled plan, with a proposal that asks the unit that leads and the one that is named.
async function lookAtSettled(page, board, { may, records, expects }, name) {
  await go(page, `${board}/list`);
  await openFirstItem(page);
  await page.getByTestId("proposal").waitFor();
  // Words of a settled plan change by a proposal only, for everybody.
  await expects(page.locator(".panel").getByRole("button", { name: "编辑", exact: true }), "edit", false);
  await expects(page.getByRole("button", { name: "提出修改" }), "propose", records("propose"));
  await page.getByRole("link", { name: "定稿与审核" }).click();
  await expect(page.getByTestId("plan-state")).toContainText("已定稿");
  await expects(page.getByRole("button", { name: "重新起草" }), "draft again", may("定稿、修改已定稿的计划、采纳提议"));
  const card = page.getByTestId("proposal");
  await card.waitFor();
  const answers = name.startsWith("牵头") || name.startsWith("涉及");
  await expects(card.getByRole("button", { name: "同意", exact: true }), "consent", answers && records("consent"));
  await expects(card.getByRole("button", { name: "采纳" }), "review", may("定稿、修改已定稿的计划、采纳提议"));
}

// Scores, and a move that anybody on the board may make.
async function lookAtAssessment(page, board, { records, expects }) {
  await go(page, `${board}/scores`);
  await page.getByTestId("scores").locator("tbody tr").first().waitFor();
  await expects(page.getByTestId("scores").getByLabel("我的评分"), "score", records("score"));
  await go(page, `${board}/list`);
  await page.getByTestId("item").filter({ hasText: "新签责任状" }).getByRole("link").click();
  await page.getByTestId("state").waitFor();
  await expects(page.getByTestId("move"), "move", records("outcome"));
}

async function invite(office, unit) {
  await office.locator("summary", { hasText: "可查看的单位" }).click();
  await office.getByLabel("邀请来宾单位").selectOption({ label: unit });
  await expect(office.locator(".menu__list").first()).toContainText("北京来宾");
  await synced(office);
}

// Opens the list of a board; gives the board's address.
async function open(office, server, title) {
  await office.goto(server.address);
  await office.getByRole("link", { name: title }).click();
  await office.waitForURL(/\/b\/[^/]+/);
  const board = office.url().match(/^.*\/b\/[^/?]+/)[0];
  await office.goto(`${board}/list`);
  await office.getByTestId("item").first().waitFor();
  return board;
}

test("each role sees the controls that the table of rights gives it", async ({ browser }) => {
  test.setTimeout(600_000);
  const server = await Server.start();
  const rights = table();
  const office = await (await browser.newContext()).newPage();
  await signIn(office, server.address);
  await synced(office);
  const board = await open(office, server, PLAN);
  await invite(office, UNITS.受邀);
  await office.goto(`${server.address}/import`);
  await office.getByTestId("source").fill(DOCUMENT);
  await office.getByTestId("read").click();
  await office.getByTestId("accept").click();
  await expect(office.getByText("已建立")).toHaveCount(1);
  const settled = await open(office, server, SETTLED);
  await invite(office, UNITS.受邀);
  await settle(office);
  await openFirstItem(office);
  await office.getByRole("button", { name: "提出修改" }).click();
  const form = office.getByTestId("proposal-form");
  await form.getByLabel("标题", { exact: true }).fill("联合开展教研");
  await form.getByLabel("修改理由").fill("表述更准确");
  for (const unit of ["市教育局", "海拉尔区"]) await form.locator(".checks").getByLabel(unit).check();
  await form.getByRole("button", { name: "提交" }).click();
  await expect(office.getByTestId("proposal")).toContainText("会签中");
  await synced(office);
  const assessment = await open(office, server, ASSESSMENT);
  await invite(office, UNITS.受邀);
  await office.getByTestId("item").filter({ hasText: "全市引进国内资金" }).first().getByRole("link").click();
  await office.getByTestId("below").locator("input").fill("新签责任状");
  await office.getByTestId("below").getByRole("button").click();
  await synced(office);
  const hailar = await (await browser.newContext()).newPage();
  await signIn(hailar, server.address, "hailar");
  await synced(hailar);
  await hailar.goto(`${board}/list`);
  await openFirstItem(hailar);
  await hailar.getByTestId("part").filter({ hasText: UNITS.涉及 }).getByRole("button", { name: "申请销号" }).click();
  await confirm(hailar, "已完成");
  await synced(hailar);

  let looked = 0;
  for (const role of ROLES) {
    await Promise.all(Object.entries(UNITS).map(async ([relation, unit]) => {
      const name = `${relation} ${role}`;
      const page = await join(browser, server, unit, role);
      const plans = questions(rights, role, relation, name);
      // Nobody who is asked leads the assessment.
      const judged = questions(rights, role, relation === "牵头" ? "其他" : relation, name);
      for (const [title, of] of [[PLAN, plans], [SETTLED, plans], [ASSESSMENT, judged]]) {
        await of.expects(page.getByRole("main").getByRole("link", { name: title }), title, of.may("读取清单"));
      }
      await lookAround(page, server, plans, name);
      if (plans.may("读取清单")) {
        await lookAtPlan(page, board, plans, name);
        await lookAtSettled(page, settled, plans, name);
      } else {
        await notShown(page, board, name);
      }
      if (judged.may("读取清单")) await lookAtAssessment(page, assessment, judged);
      else await notShown(page, assessment, name);
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
