//! Messages of the TOML reader, in words of those who write templates.

/// The message of a reader's error in Chinese; the words of the file stay as they are written.
pub fn in_words(message: &str) -> String {
    let first = message.lines().next().unwrap_or_default().trim();
    // The project's own words.
    if first.chars().any(|c| ('\u{4e00}'..='\u{9fff}').contains(&c)) {
        return first.to_owned();
    }
    let quoted = |from: &str| from.split('`').nth(1).unwrap_or_default().to_owned();
    let choices = |from: &str| {
        let names: Vec<&str> = from.split('`').skip(1).step_by(2).collect();
        if names.is_empty() { String::new() } else { format!("，可用：{}", names.join("、")) }
    };
    if let Some(rest) = first.strip_prefix("missing field ") {
        return format!("缺少 {}", quoted(rest));
    }
    if let Some(rest) = first.strip_prefix("duplicate key").or(first.strip_prefix("duplicate field")) {
        return format!("{} 写了两次", quoted(rest)).trim().to_owned();
    }
    for (sign, word) in [("unknown field ", "没有这一项"), ("unknown variant ", "没有这种写法")] {
        if let Some(rest) = first.strip_prefix(sign) {
            let known = rest.split_once("expected").map(|(_, known)| choices(known)).unwrap_or_default();
            return format!("{word}：{}{known}", quoted(rest));
        }
    }
    if let Some(rest) = first.strip_prefix("invalid type: ").or(first.strip_prefix("invalid value: ")) {
        let (found, wanted) = rest.split_once(", expected ").unwrap_or((rest, ""));
        return format!("这里写的是 {}，应当是 {}", kind(found), kind(wanted));
    }
    if let Some(rest) = first.strip_prefix("invalid length ") {
        return format!("个数不对：{}", rest.replace(", expected ", "，应当是 "));
    }
    format!("不符合 TOML 的写法（{first}）")
}

/// The kinds of values that TOML has.
fn kind(words: &str) -> String {
    let mut words = words.to_owned();
    for (theirs, ours) in [
        ("a sequence", "列表 […]"),
        ("sequence", "列表 […]"),
        ("an array", "列表 […]"),
        ("a map", "表 {…}"),
        ("map", "表 {…}"),
        ("a string", "文字 \"…\""),
        ("string ", "文字 "),
        ("a boolean", "true 或 false"),
        ("boolean ", ""),
        ("integer ", "数 "),
        ("floating point ", "数 "),
        ("u64", "整数"),
        ("u32", "整数"),
        ("i64", "整数"),
        ("usize", "整数"),
        ("f64", "数"),
    ] {
        words = words.replace(theirs, ours);
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::template::parse;

    #[test]
    fn errors_of_the_reader_are_told_in_chinese() {
        assert_eq!(in_words("missing field `name`"), "缺少 name");
        assert_eq!(
            in_words("unknown field `fro`, expected one of `from`, `to`"),
            "没有这一项：fro，可用：from、to"
        );
        let told = |source: &str| parse(source).expect_err("wrong").problem;
        assert_eq!(told("id = \"a\""), "写法不对：缺少 version");
        assert_eq!(told("id = \"a\"\nversion = \"1\""), "写法不对：这里写的是 文字 \"1\"，应当是 整数");
        assert_eq!(told("id = \"a\"\nid = \"b\""), "写法不对：写了两次");
        assert!(told("id =").starts_with("写法不对：不符合 TOML 的写法"), "{}", told("id ="));
        assert_eq!(in_words("没有这种记录：xyz"), "没有这种记录：xyz");
    }
}
