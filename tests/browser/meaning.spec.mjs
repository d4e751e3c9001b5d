// The meaning of work is kept as well as its letters: a unit that leaves while it works, a close-out that
// was sent back, whose numbers are added, whom an invitation is for.
import { confirm } from "./ask.mjs";
import { expect, test } from "./guard.mjs";
import { Server, signIn, synced } from "./server.mjs";

const server = {};

test.beforeAll(async () => {
  server.one = await Server.start();
});

test.afterAll(async () => {
  await server.one.end();
});

async function open(page, place) {
  await page.goto(server.one.address);
  await page.getByRole("link", { name: "京蒙协作“教育协作”举措清单" }).last().click();
  if (place === undefined) return;
  await page.getByTestId("item").nth(place).getByRole("link").click();
  await page.getByTestId("headline").waitFor();
}

test("an invitation is for the unit that is shown, whatever is added below it", async ({ page }) => {
  await signIn(page, server.one.address);
  await page.goto(`${server.one.address}/units`);
  const chosen = page.getByTestId("invite-unit");
  const shown = () => chosen.evaluate((select) => select.selectedOptions[0]?.textContent);
  await chosen.selectOption({ label: "市教育局" });
  const before = await chosen.locator("option").count();
  for (const name of ["一个新单位", "市安全局"]) {
    await page.getByLabel("新增单位").fill(name);
    await page.getByLabel("新增单位").press("Enter");
  }
  await expect(chosen.locator("option")).toHaveCount(before + 2);
  await expect.poll(shown).toBe("市教育局");
  await synced(page);
  await page.getByRole("button", { name: "生成邀请链接" }).click();
  const invited = page.getByTestId("invited");
  await expect(invited).toContainText("发给市教育局的人，7 天内一次有效");
  await expect(invited.getByRole("button", { name: "复制链接" })).toBeVisible();
  const link = await invited.locator("code").textContent();
  const guest = await page.context().browser().newPage();
  await guest.goto(link);
  await expect(guest.getByText("市教育局").first()).toBeVisible();
  await guest.close();
});

test("a unit that leaves while it works keeps its work; both are told, and the lead decides", async ({ browser }) => {
  const [office, banner] = [await (await browser.newContext()).newPage(), await (await browser.newContext()).newPage()];
  await signIn(office, server.one.address);
  await signIn(banner, server.one.address, "hailar");
  for (const page of [office, banner]) {
    await synced(page);
    await open(page, 0);
  }
  const part = (page) => page.getByTestId("part").filter({ hasText: "海拉尔区人民政府" });
  await expect(part(banner)).toHaveCount(1);
  await banner.context().setOffline(true);
  await part(banner).getByRole("button", { name: "申请销号" }).click();
  await confirm(banner, "协议已签");
  await banner.getByLabel("负责人").fill("张三");
  await banner.getByLabel("负责人").press("Tab");
  for (const chip of await office.locator(".panel .chip__x").all().then((all) => all.reverse())) await chip.click();
  const asked = office.getByTestId("ask-removal").getByRole("button", { name: "移除，保留记录" });
  if (await asked.count() > 0) await asked.click();
  await expect(part(office)).toHaveCount(0);
  await banner.context().setOffline(false);
  for (const page of [office, banner]) {
    await synced(page);
    await expect(page.getByTestId("matter").filter({ hasText: "海拉尔区人民政府" })).toContainText("申请了销号", { timeout: 20_000 });
    await page.getByRole("link", { name: "工作台" }).click();
    const told = page.getByTestId("matter").filter({ hasText: "海拉尔区人民政府" });
    await expect(told).toContainText("已移除，但又有新填报");
    await expect(told).toContainText("填写了台账");
  }
  await expect(banner.getByTestId("matter").first()).toContainText("由牵头单位决定");
  await office.getByTestId("matter").filter({ hasText: "海拉尔区人民政府" }).getByRole("button", { name: "移除，保留记录" }).click();
  for (const page of [office, banner]) {
    await expect(page.getByTestId("matter").filter({ hasText: "海拉尔区人民政府" })).toHaveCount(0);
    await open(page, 0);
    await expect(page.getByTestId("left").filter({ hasText: "海拉尔区人民政府" })).toContainText("已不承担");
    await expect(page.getByTestId("left").filter({ hasText: "海拉尔区人民政府" })).toContainText("张三");
  }
});

test("a close-out that was sent back says why, and is mended from the desk", async ({ browser }) => {
  const [office, banner] = [await (await browser.newContext()).newPage(), await (await browser.newContext()).newPage()];
  await signIn(office, server.one.address);
  await signIn(banner, server.one.address, "hailar");
  for (const page of [office, banner]) {
    await synced(page);
    await open(page, 1);
  }
  const part = (page) => page.getByTestId("part").filter({ hasText: "海拉尔区人民政府" });
  await part(banner).getByRole("button", { name: "申请销号" }).click();
  await confirm(banner, "协议已签");
  await part(office).getByRole("button", { name: "退回" }).click();
  await confirm(office, "缺少协议扫描件");
  await expect(banner.getByTestId("returned")).toContainText("缺少协议扫描件");
  await banner.getByRole("link", { name: "工作台" }).click();
  const row = banner.getByTestId("waiting").getByRole("listitem").filter({ hasText: "缺少协议扫描件" });
  await expect(row).toContainText("缺少协议扫描件");
  await row.getByRole("link", { name: "改好再报" }).click();
  await expect(banner.getByLabel("同时申请销号")).toBeChecked();
  await banner.getByLabel("写一条进展").fill("补上了协议");
  await banner.getByRole("button", { name: "保存" }).click();
  await expect(part(office)).toContainText("申请销号");
  await expect(banner.getByTestId("returned")).toHaveCount(0);
});

test("a number of the whole city is added to nothing, and the form says the total before", async ({ browser }) => {
  const [office, banner] = [await (await browser.newContext()).newPage(), await (await browser.newContext()).newPage()];
  await signIn(office, server.one.address);
  await signIn(banner, server.one.address, "hailar");
  const first = async (page) => {
    await synced(page);
    await open(page);
    await page.getByRole("link", { name: "指标" }).click();
    return page.locator(".indicator").filter({ has: page.getByTestId("number-is") }).first();
  };
  const [city, own] = [await first(office), await first(banner)];
  await city.getByTestId("number-is").selectOption({ label: "全市累计数" });
  await city.getByLabel("数值").fill("51");
  await expect(city.getByTestId("after-report")).toContainText("上报后合计 51");
  await city.getByRole("button", { name: "上报" }).click();
  await expect(own).toContainText("51");
  await own.getByTestId("number-is").selectOption({ label: "本单位累计数" });
  await own.getByLabel("数值").fill("47");
  await expect(own.getByTestId("after-report")).toContainText("上报后合计 51");
  await own.getByRole("button", { name: "上报" }).click();
  for (const line of [city, own]) {
    await line.getByTestId("summands").locator("summary").click();
    await expect(line.getByTestId("summands").getByRole("listitem").filter({ hasText: /(?<![:\d])47(?!\d)/ })).toContainText("不计入合计");
    await expect(line.getByTestId("summands").getByRole("listitem").filter({ hasText: /(?<![:\d])51(?!\d)/ })).not.toContainText("不计入合计");
  }
});
