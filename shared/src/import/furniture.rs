//! Lines that belong to the page or the site around a document, and not to it.

use super::outline::marker_at;
use super::source::Paragraph;
use std::collections::HashMap;

/// Words that only a web page's frame has; a short line with one of them is dropped.
const FURNITURE: &[&str] = &[
    "当前位置",
    "您的位置",
    "您所在的位置",
    "首页>",
    "打印本页",
    "关闭窗口",
    "扫一扫",
    "上一篇",
    "下一篇",
    "版权所有",
    "ICP备",
    "公网安备",
    "网站标识码",
    "网站地图",
    "分享到",
    "字体：",
    "字号：",
    "浏览次数",
    "点击数",
    "访问量",
    "阅读次数",
    "无障碍",
    "微信微博",
    "联系我们",
    "【打印】",
    "【关闭】",
    "收藏本页",
    "技术支持：",
    "主办单位：",
    "承办单位：",
    "附件下载",
    "主题分类",
    "索引号",
    "信息分类",
    "主题词：",
    "首页|",
];

/// Lines without those of pages and sites: running heads, numbers of pages, menus, imprints.
pub fn without_furniture(lines: Vec<Paragraph>) -> Vec<Paragraph> {
    let mut seen: HashMap<String, usize> = HashMap::new();
    for line in &lines {
        *seen.entry(line.folded.clone()).or_default() += 1;
    }
    let total = lines.len();
    let footer = lines.iter().rposition(|line| is_footer(&line.folded)).filter(|at| at * 3 > total * 2);
    let footer = footer.map(|last| {
        let mut first = last;
        while first > 0 && is_frame(&lines[first - 1].folded) {
            first -= 1;
        }
        first
    });
    lines
        .into_iter()
        .enumerate()
        .filter(|(at, line)| {
            footer.is_none_or(|footer| *at < footer) && {
                let repeated = seen.get(&line.folded).is_some_and(|times| *times > 1);
                let running = repeated && is_running_head(&line.folded);
                !(running || is_page_number(&line.folded) || is_frame(&line.folded))
            }
        })
        .map(|(_, line)| line)
        .collect()
}

/// The imprint of a site: what follows it is not the document.
fn is_footer(folded: &str) -> bool {
    folded.chars().count() < 120
        && ["版权所有", "ICP备", "公网安备", "网站标识码"].iter().any(|word| folded.contains(word))
}

fn is_frame(folded: &str) -> bool {
    let short = folded.chars().count() < 60;
    let label = folded.starts_with("主办单位：") || folded.starts_with("承办单位：");
    // 主办：某市人民政府办公室, and no bracket or further label: the imprint of a site.
    let imprint = folded.strip_prefix("主办：").is_some_and(|name| {
        short && ["人民政府", "办公室", "管委会", "管理委员会"].iter().any(|end| name.ends_with(end))
    });
    if imprint {
        return !folded.contains(['、', '；', '，']);
    }
    // 主办单位 is a role in a plan and an imprint on a page: only the latter names a site.
    if label {
        return short
            && ["网站", "中心承办", "信息中心", "政府办公"].iter().any(|w| folded.contains(w))
            && !folded.contains('；');
    }
    // The table above a page also holds the document's number.
    short
        && FURNITURE.iter().any(|word| folded.contains(word))
        && !folded.contains('。')
        && !super::head::is_number_line(folded)
        && !folded.contains('〔')
}

fn is_page_number(folded: &str) -> bool {
    let bare = folded.trim_matches(|c: char| matches!(c, '-' | '·' | '•' | '/' | '第' | '页' | '共'));
    let digits = bare.chars().filter(char::is_ascii_digit).count();
    let others =
        bare.chars().filter(|c| !c.is_ascii_digit() && !matches!(c, '页' | '共' | '/' | '第')).count();
    digits > 0 && digits <= 4 && others == 0 && (bare.len() < folded.len() || digits < 4)
}

/// A line that stands on several pages: the gazette's name, an office's name.
fn is_running_head(folded: &str) -> bool {
    let plain = folded.chars().all(|c| crate::text::is_han(c) || c.is_ascii_alphanumeric());
    plain
        && folded.chars().count() <= 24
        && marker_at(folded).is_none()
        && (folded.contains("公报") || folded.contains("政府") || folded.contains("公文"))
}
