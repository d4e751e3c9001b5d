//! Titles of chapters and points that hold no measures.

use crate::import::pattern::{Pattern, pattern};
use std::sync::LazyLock;

/// Titles of chapters that frame a plan: they hold no measures unless units are named there.
pub(super) static FRAME: LazyLock<Pattern> = LazyLock::new(|| {
    let one = format!("(?:推动|落实|强化|加强|完善|健全|明确|细化|压实|做好)?(?:{AIMS}|{FRAMES})");
    pattern(&format!("^(?:{one})(?:(?:和|与|及|以及|、)?(?:{one}))*(?:（[^）]*）)?(?:，.*|：.*)?$"))
});

/// Titles of points that frame the chapter they stand in.
pub(super) static AIM: LazyLock<Pattern> = LazyLock::new(|| {
    pattern(
        "^(?:总体要求|总体思路|指导思想|基本原则|适用范围|实施范围|(?:工作|总体|主要|发展|任务|年度|具体)?目标(?:任务|要求)?|目标任务|(?:实施|行动|工作)?(?:期限|时间)|时间安排)(?:，.*|：.*)?$",
    )
});

/// Titles of points that say nobody's duty: whoever is the subject of a sentence there has no part by it.
pub(super) static UNSAID: LazyLock<Pattern> = LazyLock::new(|| {
    pattern(&format!(
        "^(?:{AIMS}|[一-龥]{{0,6}}(?:地点|时间|时长|范围|对象|名单|议程|主持人))(?:（[^）]*）)?(?:[，：。].*)?$"
    ))
});

/// Words of titles that aim, and of what a document says of itself.
const AIMS: &str = concat!(
    "总体要求|总体思路|总体目标|指导思想|基本原则|基本思路|总则|附则(?:本(?:办法|方案|意见|规定|计划|细则|实施方案).*)?|其他|其它|适用范围|实施范围|背景|现状|发展基础|基本情况|工作基础|",
    "(?:工作|服务|总体|主要|发展|任务|行动|建设|年度|具体|预期)?(?:目标|原则|思路)(?:任务|要求)?|目标任务|目的意义|重要意义|行动目的",
);

/// Words of titles that frame a plan and aim at nothing.
const FRAMES: &str = concat!(
    "实施期限|(?:行动|实施|活动|工作)时间|时间安排|(?:实施|工作|方法)?步骤|进度安排|",
    "(?:保障|组织|工作保障|政策|组织保障|实施保障)措施|(?:组织|工作|实施|政策|要素|服务|资金|人才|制度|措施)?保障|组织(?:实施|领导|机构|推进|保障)|",
    "(?:工作|相关|有关|活动|几点|具体)要求|监督检查|督导检查|督查考核|督导考核|评估考核|考核评价|监督考核|跟踪问效|督促检查|责任落实|宣传引导|舆论宣传|工作机制",
);
