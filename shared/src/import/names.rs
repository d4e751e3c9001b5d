//! Names of units: their endings, the prefix that a list shares, the ending that places share.

mod words;

use super::pattern::looked;
use crate::text::{beginning, is_han, is_short};
use words::{MUNICIPAL_FIRMS, NOT_A_NAME, PLACES, PROVINCES, SHORT, STRONG, TAILS};

/// The most characters of a unit's name.
const LONGEST: usize = 40;

/// A room of the office that writes: 医改科, 财务科.
pub fn is_room(name: &str) -> bool {
    const OTHERS: [&str; 7] = ["学科", "专科", "内科", "外科", "本科", "之处", "好处"];
    name.ends_with(['科', '股', '处'])
        && !is_short(name, 2)
        && is_short(name, 7)
        && name.chars().all(is_han)
        && !OTHERS.iter().any(|word| name.ends_with(word))
}

/// Whether the ending is one that only units have.
pub fn is_unit(name: &str) -> bool {
    let near = beginning(name, LONGEST + 1);
    looked(near);
    let length = near.chars().count();
    SHORT.contains(&name)
        || (2..=LONGEST).contains(&length)
            && STRONG.iter().any(|ending| {
                name.ends_with(ending) && name.len() > ending.len() || name == *ending && length > 2
            })
            && !name.contains(['，', '。', '：', '《', '"'])
            && !is_explained(name)
            && !name.starts_with(|c: char| c.is_ascii_digit())
            && !is_counted(name)
            && (!name.contains('由') || name.contains("自由"))
}

/// `三家企业`, `五大机构`: a count and no name; 四子王旗 begins with a numeral as well.
fn is_counted(name: &str) -> bool {
    let rest = name.trim_start_matches(|c| "一二三四五六七八九十两".contains(c));
    rest.len() < name.len()
        && rest.starts_with(|c| "个家项类级批条是大种支名所座方部次、线旬年月届张".contains(c))
}

/// A name that ends as units do, and as other words do as well.
pub fn is_likely_unit(name: &str) -> bool {
    const ENDINGS: &[&str] = &[
        "部",
        "院",
        "所",
        "会",
        "馆",
        "站",
        "队",
        "处",
        "室",
        "校",
        "社",
        "团",
        "台",
        "厂",
        "关",
        "大",
        "协",
        "司",
        "电力",
        "纪委",
        "监委",
        "乌兰牧骑",
        "银行",
    ];
    const OTHERS: &[&str] = &[
        "全部", "内部", "干部", "总部", "社会", "大会", "机会", "扩大", "重大", "场所", "科室", "教室",
        "相关", "有关",
    ];
    let length = name.chars().count();
    let plain = name.chars().all(crate::text::is_han);
    is_unit(name)
        || ((3..=24).contains(&length)
            && plain
            && ENDINGS.iter().any(|ending| name.ends_with(ending))
            && !OTHERS.iter().any(|word| name.ends_with(word))
            && !is_explained(name))
}

/// A remark: 含…, 共12个单位; not 共青团中央.
fn is_explained(name: &str) -> bool {
    !name.starts_with("共青团") && NOT_A_NAME.iter().any(|word| name.starts_with(word))
}

/// Whether a labelled list may hold this: never a person, a number, a remark.
pub fn may_stand_in_list(name: &str) -> bool {
    let length = name.chars().count();
    let clean = !name.contains(['：', '。', '《', '》', '|', '-', '@'])
        && !name.starts_with('（')
        && !name.ends_with(['，', '；', '、'])
        && name.chars().any(crate::text::is_han);
    let remark = [
        "同上",
        "以下",
        "下同",
        "排在",
        "列在",
        "均需",
        "无",
        "略",
        "待定",
        "另行",
        "不再",
        "详见",
        "全社会",
    ]
    .iter()
    .any(|word| name.starts_with(word));
    let administrative = ["市", "区", "县", "旗", "省", "盟", "州", "国", "中", "驻"]
        .iter()
        .any(|word| name.starts_with(word));
    let known = is_unit(name) || is_place(name) || is_group(name) || is_likely_unit(name);
    let placed = length >= 4 && PROVINCES.iter().any(|place| name.starts_with(place));
    clean && !remark && length <= 40 && (known || placed || length >= 5 || (administrative && length >= 3))
}

/// A place alone: 鄂伦春自治旗, 经济技术开发区.
pub fn is_place(name: &str) -> bool {
    !is_short(name, 1) && PLACES.iter().any(|ending| name.ends_with(ending))
}

/// Several units named as one: 各旗市区人民政府, 市直有关部门, 驻市企业.
pub fn is_group(name: &str) -> bool {
    looked(name);
    name.starts_with('各')
        || name.starts_with("市各")
        || name.starts_with("区各")
        || name.starts_with("全市")
        || matches!(name, "各地" | "各地区")
        || ["有关", "相关", "市直", "区直", "驻市", "驻区", "市属", "各级"]
            .iter()
            .any(|word| name.contains(word))
        || (name.contains('各') && name.ends_with("部门"))
}

/// The administrative prefix that a department's name begins with: 市, 自治区, 呼伦贝尔市.
pub fn prefix(name: &str) -> Option<&str> {
    const WORDS: &[&str] = &["自治区", "兵团", "新区", "自治州", "市", "区", "县", "旗", "州", "盟", "省"];
    // Names that begin with the same character but not with the prefix.
    const OTHERS: &[&str] = &[
        "市场",
        "市政公",
        "市政管",
        "市政工",
        "市容",
        "市直",
        "市属",
        "区域",
        "区块",
        "区直",
        "县域",
        "县直",
        "省际",
        "旗直",
        "州直",
        "市民中心",
    ];
    if OTHERS.iter().any(|word| name.starts_with(word)) {
        return None;
    }
    for word in WORDS {
        if let Some(rest) = name.strip_prefix(word) {
            return is_department(rest).then_some(&name[..word.len()]);
        }
    }
    if ["国家", "中国", "国网", "全国"].iter().any(|word| name.starts_with(word)) {
        return None;
    }
    // A place in front: 呼伦贝尔市教育局; not 呼和浩特经济技术开发区管委会.
    let (at, ending) = name
        .char_indices()
        .skip(2)
        .take(10)
        .find_map(|(at, c)| "市旗县盟省".contains(c).then_some((at, c)))?;
    let cut = at + ending.len_utf8();
    // 外汇局上海市分局 belongs to a bureau and not to the city.
    let inside =
        ["局", "银行", "公司", "委员会", "大学", "总队"].iter().any(|word| name[..at].contains(word));
    if inside || name[cut..].starts_with('场') {
        return None;
    }
    is_department(&name[cut..]).then_some(&name[..cut])
}

/// A department, as opposed to a government, a zone, a group or a firm.
pub fn is_department(name: &str) -> bool {
    (is_unit(name) || name == "委" || name.starts_with("委"))
        && !TAILS.iter().any(|tail| name.ends_with(tail) && name.chars().count() <= 8 && !name.contains('办'))
        && !name.ends_with("集团")
        && !is_group(name)
}

/// Whether a list's prefix is to be put before a name that stands later in it.
pub fn takes_prefix(name: &str) -> bool {
    const OWN: &[&str] = &[
        "国家",
        "国网",
        "中国",
        "中央",
        "中共",
        "内蒙古",
        "北京",
        "自治区",
        "人民银行",
        "驻",
        "民航",
        "铁路监督",
        "呼伦贝尔",
        "呼和浩特",
        "全国",
        "华能",
        "大唐",
        "团市",
        "团区",
        "团县",
        "团省",
        "团州",
        "团盟",
        "武警",
        "长三角",
        "外汇",
        "黄河",
        "长江",
        "银保监",
        "蒙",
        "京",
        "区内",
        "项目",
        "企业",
        "新区",
        "本",
        "其他",
        "农行",
        "工行",
        "建行",
        "军分区",
    ];
    is_department(name)
        && !PROVINCES.iter().any(|place| name.starts_with(place))
        && prefix(name).is_none()
        && shared_tail(name).is_none()
        && !TAILS.iter().any(|tail| name.ends_with(tail))
        && !OWN.iter().any(|word| name.starts_with(word))
        && !name.ends_with("行")
        && ![
            "海关",
            "海事局",
            "海事",
            "铁路局",
            "学院",
            "大学",
            "证监局",
            "监管分局",
            "调查队",
            "海警局",
            "边检站",
            "机场集团",
            "分局",
            "通管办",
        ]
        .iter()
        .any(|ending| name.ends_with(ending))
        && (!is_firm(name) || MUNICIPAL_FIRMS.iter().any(|word| name.starts_with(word)))
        && !name.contains("有限公司")
        && !name.contains("有限责任")
        && !["单位", "机构", "企业", "部门", "大学", "领导小组"].iter().any(|ending| name.ends_with(ending))
}

/// Whether a text names a bureau of a place by the kind of the place: 市教育局.
pub fn names_own_bureau(text: &str, kind: &str) -> bool {
    text.match_indices(kind).any(|(at, _)| {
        // No field of work has more characters.
        let rest = beginning(&text[at + kind.len()..], 10);
        looked(rest);
        rest.find('局').is_some_and(|end| is_field(&rest[..end]))
    })
}

/// Fields of work that a bureau is named after, where a list leaves the 局 to its last name.
pub fn is_field(text: &str) -> bool {
    [
        "教育",
        "公安",
        "民政",
        "司法",
        "财政",
        "人社",
        "人力资源社会保障",
        "自然资源",
        "生态环境",
        "住建",
        "交通",
        "交通运输",
        "水利",
        "水务",
        "农业农村",
        "农牧",
        "商务",
        "文旅",
        "文化和旅游",
        "卫健",
        "卫生健康",
        "应急",
        "应急管理",
        "审计",
        "市场监管",
        "统计",
        "医保",
        "体育",
        "林草",
        "科技",
        "工信",
        "退役军人",
        "税务",
        "信访",
        "城管",
        "粮食",
        "能源",
        "气象",
        "金融",
        "国资",
    ]
    .contains(&text)
}

/// Firms take a prefix only from their own group.
pub fn is_firm(name: &str) -> bool {
    name.ends_with("公司") || name.ends_with("集团") || name.ends_with("银行")
}

/// Organs of the party: after 市委组织部, 编办 is 市委编办.
pub fn is_party_organ(name: &str) -> bool {
    [
        "组织部",
        "宣传部",
        "统战部",
        "社会工作部",
        "社工部",
        "政法委",
        "编办",
        "网信办",
        "政研室",
        "改革办",
        "老干部局",
        "军民融合办",
        "保密办",
        "台办",
        "巡察办",
        "财经办",
        "党校",
    ]
    .contains(&name)
}

/// The ending that a place takes over from a later name of its group.
pub fn shared_tail(name: &str) -> Option<&str> {
    TAILS
        .iter()
        .find(|tail| name.ends_with(**tail) && is_place(&name[..name.len() - tail.len()]))
        .map(|tail| &name[name.len() - tail.len()..])
}

/// Whether that ending fits a place: a banner has no 管委会, a zone no 人民政府 of its own.
pub fn tail_fits(place: &str, tail: &str) -> bool {
    let zone = ["开发区", "园区", "新区", "高新区", "经开区", "保税区", "示范区", "功能区"]
        .iter()
        .any(|ending| place.ends_with(ending));
    // These two are districts of their own.
    let district = place.ends_with("浦东新区") || place.ends_with("滨海新区");
    match tail {
        _ if district => true,
        "管委会" | "管理委员会" | "党工委" => zone,
        _ => !zone,
    }
}
