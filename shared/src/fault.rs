//! An app that failed, told so that somebody else can find the cause: message, place, version and
//! the last steps of the person. Kept on the device, copied by hand, never sent.

use std::collections::VecDeque;
use std::fmt::Write as _;

/// Steps that are remembered.
const MOST_STEPS: usize = 20;
/// Characters of one step; a control may be named by a whole sentence.
const STEP_CHARS: usize = 40;
/// Characters of a message.
const MESSAGE_CHARS: usize = 2000;
/// Reports that a device keeps.
pub const MOST_KEPT: usize = 5;

/// The last steps of the person, the oldest first: pages opened and controls pressed, no typed words.
#[derive(Debug, Default)]
pub struct Steps(VecDeque<String>);

impl Steps {
    /// Remembers a step; the same one pressed again is counted as another.
    pub fn note(&mut self, act: &str, name: &str) {
        if self.0.len() == MOST_STEPS {
            self.0.pop_front();
        }
        let name = name.split_whitespace().collect::<Vec<_>>().join(" ");
        self.0.push_back(format!("{act} {}", shortened(&name, STEP_CHARS)));
    }

    /// The steps so far.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(String::as_str)
    }
}

/// One failure.
#[derive(Debug, Clone, Copy)]
pub struct Fault<'a> {
    pub message: &'a str,
    /// `file:line:column`, where the browser or the program says it.
    pub place: &'a str,
    pub version: &'a str,
    /// The browser, as it names itself.
    pub browser: &'a str,
    /// The time on this device, for people.
    pub at: &'a str,
}

impl Fault<'_> {
    /// The report as people read and copy it.
    #[must_use]
    pub fn report(&self, steps: &Steps) -> String {
        let mut text = format!(
            "时间：{}\n信息：{}\n位置：{}\n版本：{}\n浏览器：{}\n最近的操作：\n",
            self.at,
            shortened(self.message.trim(), MESSAGE_CHARS),
            without_machine(self.place),
            self.version,
            shortened(self.browser, 200),
        );
        for (place, step) in steps.iter().enumerate() {
            let _ = writeln!(text, "{}. {step}", place + 1);
        }
        text
    }
}

/// The reports of a device with a new one, the newest first, as they are kept. A report that cannot be read
/// is left behind: a report must not fail for an older one.
#[must_use]
pub fn kept_with(kept: Option<&str>, new: &str) -> String {
    let mut all = kept.map(reports).unwrap_or_default();
    all.insert(0, new.to_owned());
    all.truncate(MOST_KEPT);
    serde_json::to_string(&all).unwrap_or_default()
}

/// The reports of what is kept, the newest first.
#[must_use]
pub fn reports(kept: &str) -> Vec<String> {
    serde_json::from_str(kept).unwrap_or_default()
}

/// A place in the sources without the folders of the machine that built the program.
fn without_machine(place: &str) -> String {
    let parts: Vec<&str> = place.split(['/', '\\']).collect();
    parts[parts.len().saturating_sub(4)..].join("/")
}

fn shortened(text: &str, most: usize) -> String {
    if text.chars().nth(most).is_none() {
        return text.to_owned();
    }
    text.chars().take(most).chain(['…']).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fault<'a>(message: &'a str, place: &'a str) -> Fault<'a> {
        Fault { message, place, version: "0.1.0 abc", browser: "Chromium 110", at: "2026-11-29 08:00" }
    }

    #[test]
    fn a_report_holds_message_place_version_and_steps_in_their_order() {
        let mut steps = Steps::default();
        steps.note("打开", "/import");
        steps.note("按下", "  打开\n文件 ");
        let text = fault("no owner", "~/.cargo/registry/src/x/leptos/src/owner.rs:7:9").report(&steps);
        assert!(text.contains("信息：no owner\n"), "{text}");
        assert!(text.contains("位置：x/leptos/src/owner.rs:7:9\n"), "{text}");
        assert!(text.contains("版本：0.1.0 abc\n"), "{text}");
        assert!(text.ends_with("1. 打开 /import\n2. 按下 打开 文件\n"), "{text}");
    }

    #[test]
    fn what_grows_without_an_end_is_cut() {
        let mut steps = Steps::default();
        (0..50).for_each(|place| steps.note("按下", &format!("{place}{}", "字".repeat(100))));
        assert_eq!(steps.iter().count(), MOST_STEPS);
        assert!(steps.iter().next().is_some_and(|step| step.starts_with("按下 30")));
        let text = fault(&"长".repeat(100_000), "a.rs:1").report(&steps);
        assert!(text.chars().count() < 4000, "{}", text.chars().count());
    }

    #[test]
    fn the_last_reports_are_kept_whatever_was_there_before() {
        let mut kept = kept_with(Some("not ours"), "0");
        for place in 1..8 {
            kept = kept_with(Some(&kept), &place.to_string());
        }
        assert_eq!(reports(&kept), ["7", "6", "5", "4", "3"]);
        assert_eq!(reports("not ours"), Vec::<String>::new());
    }
}
