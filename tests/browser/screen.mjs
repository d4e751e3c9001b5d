// Checks that hold on every screen.
import { expect } from "./guard.mjs";

// No page is wider than the window.
export async function fits(page, width, name) {
  await page.setViewportSize({ width, height: width < 672 ? 844 : 768 });
  const over = () => page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
  await expect.poll(over, { message: `${name} at ${width}`, timeout: 5_000 }).toBeLessThanOrEqual(0);
}

// Words that no clerk would say.
const FOREIGN = [
  "口径待核", "已发布第几版", "版次", "规则与汇总", "涉及条目", "添加下级", "下级", "新增条目", "条目", "停用这条举措", "已停用",
  "待裁定", "文档", "改动数", "未承诺", "认证设备", "注销设备", "未经服务器认证", "tongban admin", "急的在前", "本次新增", "累计到现在", "参与单位",
];

export async function saysNoForeignWord(page, name) {
  const text = await page.locator("body").innerText();
  for (const word of FOREIGN) expect(text.includes(word), `${name} says ${word}`).toBe(false);
  expect(text, name).not.toMatch(/同步中 \d|销号 \d+\/\d+|：0\/0|127\.0\.0\.1；password/);
}
