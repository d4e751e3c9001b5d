//! Names of indicators without the words around them.

/// A name without the verbs and particles of its sentence.
pub(super) fn trimmed(text: &str) -> String {
    // 水质优良比例由60%: where it starts from is no part of the name.
    let from = text.rfind('由').filter(|at| text[*at..].contains(|c: char| c.is_ascii_digit()));
    let text = from.map_or(text, |at| &text[..at]);
    let mut text = text.trim_matches(['，', '、', '。', '；', '：', '"', '-']);
    loop {
        let before = text;
        for word in [
            "通过", "力争", "争取", "确保", "计划", "全市", "目前", "其中", "要", "将", "拟", "在", "使",
            "实现", "推动", "底", "前", "末", "初步", "基本",
        ] {
            text = text.strip_prefix(word).unwrap_or(text).trim_start_matches(['，', '、', '：']);
        }
        for word in [
            "等",
            "的",
            "数量达",
            "分别",
            "均",
            "要",
            "力争",
            "争取",
            "累计",
            "总计",
            "共",
            "同比",
            "比",
            "较",
            "至",
            "到",
            "约",
            "为",
            "不",
            "翻",
        ] {
            let kept = word == "比" && (text.ends_with("占比") || text.ends_with("性别比"));
            text = text.strip_suffix(word).filter(|_| !kept).unwrap_or(text);
        }
        if before == text {
            return text.to_owned();
        }
    }
}

pub(super) fn trimmed_after(text: &str) -> String {
    let text =
        text.trim_start_matches(['的', '，', '、', '"']).trim_end_matches(['"', '、', '和', '及', '与']);
    if text.starts_with(['（', '）', '-']) { String::new() } else { text.to_owned() }
}
