// The question that stands before every act that is signed or sent out.

// Answers it, with words where it asks for some.
export async function confirm(page, words) {
  const question = page.getByTestId("ask");
  await question.waitFor();
  if (words !== undefined) await question.locator("textarea").fill(words);
  await question.getByTestId("ask-yes").click();
  await question.waitFor({ state: "detached" });
}

// Leaves it unanswered.
export async function leave(page) {
  await page.getByTestId("ask-no").click();
  await page.getByTestId("ask").waitFor({ state: "detached" });
}
