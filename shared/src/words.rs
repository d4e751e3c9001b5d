//! Every word of the screens in three languages. A word that lacks a language does not compile.

use std::fmt;

/// A language of the screens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Lang {
    /// 简体中文
    #[default]
    Hans,
    /// 繁體中文
    Hant,
    English,
}

impl Lang {
    /// Every language, in the order of the menu.
    pub const ALL: [Self; 3] = [Self::Hans, Self::Hant, Self::English];

    /// Its tag in a page.
    #[must_use]
    pub const fn tag(self) -> &'static str {
        match self {
            Self::Hans => "zh-CN",
            Self::Hant => "zh-Hant",
            Self::English => "en",
        }
    }

    /// Its own name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Hans => "简体中文",
            Self::Hant => "繁體中文",
            Self::English => "English",
        }
    }

    /// The language of a tag.
    #[must_use]
    pub fn from_tag(tag: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|lang| lang.tag() == tag)
    }
}

impl fmt::Display for Lang {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.name())
    }
}

macro_rules! catalogue {
    ($($word:ident: $hans:literal, $hant:literal, $english:literal;)*) => {
        /// A word or sentence of the screens.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Word {
            $(#[doc = $english] $word,)*
        }

        impl Word {
            /// Every word.
            pub const ALL: &[Self] = &[$(Self::$word,)*];

            /// The word in a language.
            #[must_use]
            pub const fn text(self, lang: Lang) -> &'static str {
                match (self, lang) {
                    $(
                        (Self::$word, Lang::Hans) => $hans,
                        (Self::$word, Lang::Hant) => $hant,
                        (Self::$word, Lang::English) => $english,
                    )*
                }
            }
        }
    };
}

catalogue! {
    TooLongHere: "内容过长：这里最多 {n} 字，没有保存", "內容過長：這裏最多 {n} 字，沒有保存", "Too long: at most {n} characters here; not saved";
    LettersInAll: "…（共 {n} 字）", "…（共 {n} 字）", "… ({n} characters in all)";
    MoreLetters: "…（超过 {n} 字）", "…（超過 {n} 字）", "… (more than {n} characters)";
    LedgerView: "台账", "臺賬", "Ledger";
    MatrixView: "作战图", "作戰圖", "Matrix";
    TimelineView: "时间轴", "時間軸", "Timeline";
    AgendaView: "日程", "日程", "Agenda";
    RosterView: "名册", "名冊", "Roster";
    ScoresView: "评分", "評分", "Scores";
    RankingView: "排名", "排名", "Ranking";
    MeetingView: "会议模式", "會議模式", "Meeting";
    MatrixAcross: "行与列", "行與列", "Rows and columns";
    Print: "打印", "打印", "Print";
    PrintA3: "打印（A3）", "打印（A3）", "Print (A3)";
    AsSvg: "SVG 图", "SVG 圖", "SVG picture";
    AsPng: "PNG 图片", "PNG 圖片", "PNG picture";
    NoMatrix: "还没有可以排成图的内容", "還沒有可以排成圖的內容", "Nothing to be put into a matrix yet";
    NoDays: "还没有带日期的内容", "還沒有帶日期的內容", "Nothing has a day yet";
    Undated: "没有日期的（条）", "沒有日期的（條）", "without a day:";
    Today: "今天", "今天", "Today";
    Coming: "今天和以后", "今天和以後", "Today and later";
    Past: "已经过去", "已經過去", "Past";
    SumBelow: "所含各条合计·", "所含各條合計·", "Sum below: ";
    MeanScore: "平均分", "平均分", "Mean";
    MyScore: "我的评分", "我的評分", "My score";
    Frozen: "已定分", "已定分", "Frozen";
    ScoreRange: "请填写 0 到 100 的分数", "請填寫 0 到 100 的分數", "Please give a score from 0 to 100";
    NothingScored: "还没有评分的内容", "還沒有評分的內容", "Nothing to be scored yet";
    NothingRanked: "还没有可以排名的数据", "還沒有可以排名的數據", "Nothing to be ranked yet";
    PlaceWord: "名次", "名次", "Place";
    Movement: "升降", "升降", "Movement";
    WentUp: "上升", "上升", "up";
    WentDown: "下降", "下降", "down";
    SamePlace: "不变", "不變", "same";
    ComparedWith: "对比", "對比", "compared with";
    UrgentFirst: "先看逾期", "先看逾期", "Overdue first";
    Before: "上一条", "上一條", "Previous";
    Next: "下一条", "下一條", "Next";
    FullScreen: "全屏", "全屏", "Full screen";
    InstructionHere: "记录领导批示，回车保存", "記錄領導批示，回車保存", "Write an instruction, Enter saves";
    NoSuchMove: "现在不能转到这个状态", "現在不能轉到這個狀態", "It cannot be brought there now";
    FillInPanel: "请打开这一条，填好说明或所缺内容后再转", "請打開這一條，填好說明或所缺內容後再轉", "Open it and fill in what is missing first";
    SetHulunbuir: "呼伦贝尔市各旗市区", "呼倫貝爾市各旗市區", "Banners of Hulunbuir";
    SetHohhot: "呼和浩特市各旗县区", "呼和浩特市各旗縣區", "Banners of Hohhot";
    SetOrdos: "鄂尔多斯市各旗区", "鄂爾多斯市各旗區", "Banners of Ordos";
    SetBaotou: "包头市各旗县区", "包頭市各旗縣區", "Banners of Baotou";
    SetBeijing: "北京市各区", "北京市各區", "Districts of Beijing";
    SetDepartments: "市直部门", "市直部門", "Departments of the city";
    AddFromDictionary: "从单位字典添加…", "從單位字典添加…", "Add from the dictionary…";
    UnitsAdded: "已添加单位", "已添加單位", "units added:";
    PlaceCode: "行政区划代码", "行政區劃代碼", "Place code";
    LinkSameAs: "同一事项", "同一事項", "Same matter";
    LinkCountsFor: "计入", "計入", "Counts for";
    LinkCounterpart: "对口", "對口", "Counterpart";
    LinkChildOfPlan: "落实上级计划", "落實上級計劃", "Carries out";
    Links: "关联事项", "關聯事項", "Linked matters";
    AddLink: "关联到", "關聯到", "Link to";
    LinkedHere: "关联到这里", "關聯到這裏", "linked here";
    RemoveLink: "取消关联", "取消關聯", "Take the link off";
    FedBy: "自动取数", "自動取數", "Filled from";
    FedAlso: "一并计入", "一併計入", "Added to it";
    OneGroup: "只取其中一类", "只取其中一類", "One group of it";
    AllGroups: "全部", "全部", "all of it";
    FedByNone: "由单位填报", "由單位填報", "reported by units";
    ThisBoard: "本清单", "本清單", "this board";
    Participants: "可查看的单位", "可查看的單位", "Units that can see it";
    TooManyCells: "一次写入的内容太多，请分几次进行", "一次寫入的內容太多，請分幾次進行", "Too much at once; please do it in parts";
    RowsNotThere: "没有对应的行，未粘贴（格）", "沒有對應的行，未粘貼（格）", "cells without a row were not pasted:";
    AsXlsx: "Excel 表格", "Excel 表格", "Excel workbook";
    AsXlsxByUnit: "Excel（每单位一表）", "Excel（每單位一表）", "Excel, a sheet for each unit";
    FromTable: "从表格导入", "從表格導入", "Take in a table";
    Reading: "正在读取", "正在讀取", "Reading";
    ColumnsMean: "各列对应", "各列對應", "What the columns mean";
    LeaveOut: "不导入", "不導入", "leave out";
    TakeOver: "导入这些改动", "導入這些改動", "Take these over";
    LeaveIt: "取消", "取消", "Cancel";
    RowSame: "相同", "相同", "same";
    RowChanged: "有改动", "有改動", "changed";
    RowNew: "新增", "新增", "new";
    RowProblem: "有问题，不导入", "有問題，不導入", "not taken over";
    PasteLook: "请核对粘贴的位置", "請核對粘貼的位置", "See where the paste lands";
    PasteCells: "将填入（格）", "將填入（格）", "cells to be written:";
    PasteMerged: "合并单元格", "合併單元格", "merged areas:";
    PasteBeside: "表格以外的文字（不粘贴，字）", "表格以外的文字（不粘貼，字）", "characters beside the table (left out):";
    PasteNow: "粘贴", "粘貼", "Paste";
    OneFileOnly: "一次只读一个文件，另有未读", "一次只讀一個文件，另有未讀", "One file at a time; not read:";
    DropHere: "文件请拖到“导入”页，或表格的“从表格导入”", "文件請拖到“導入”頁，或表格的“從表格導入”", "Drop files on the page 导入, or on Take in a table of a ledger";
    RowTotal: "合计行", "合計行", "totals";
    RowGroup: "分组行", "分組行", "groups";
    RowBlank: "空行", "空行", "blank";
    RowNote: "标题和说明行", "標題和說明行", "heads and notes";
    RowBeyond: "未取", "未取", "not read";
    RowsHeld: "文件共有行数", "文件共有行數", "rows in the file:";
    ColumnsLeft: "没有对应的列（不导入）", "沒有對應的列（不導入）", "columns that are left out:";
    CellsComputed: "由系统算出、与表中不同的格（不导入）", "由系統算出、與表中不同的格（不導入）", "cells worked out here that differ (left out):";
    ShowMoreRows: "显示更多", "顯示更多", "Show more";
    AsideHiddenSheets: "隐藏的工作表（未读，个）", "隱藏的工作表（未讀，個）", "hidden sheets (left out):";
    AsideOtherSheets: "图表页（未读，个）", "圖表頁（未讀，個）", "chart sheets (left out):";
    AsideHiddenRows: "隐藏的行（已一并读入）", "隱藏的行（已一併讀入）", "hidden rows (read along):";
    AsideHiddenColumns: "隐藏的列（已一并读入）", "隱藏的列（已一併讀入）", "hidden columns (read along):";
    AsideMergedAreas: "合并单元格（其值计入所跨各行，处）", "合併單元格（其值計入所跨各行，處）", "merged areas (counted for each row):";
    AsideErrorCells: "错误值（未读，格）", "錯誤值（未讀，格）", "error values (left out):";
    AsideOpenFormulas: "没有算出结果的公式（未读，格）", "沒有算出結果的公式（未讀，格）", "formulas without a result (left out):";
    AsideComments: "批注（未读，条）", "批註（未讀，條）", "comments (left out):";
    AsidePictures: "图片（未读，张）", "圖片（未讀，張）", "pictures (left out):";
    AsideFootnotes: "脚注和尾注（未读，条）", "腳註和尾註（未讀，條）", "footnotes and endnotes (left out):";
    AsideHiddenText: "隐藏的文字（未读，字）", "隱藏的文字（未讀，字）", "hidden characters (left out):";
    AsideDeletedText: "修订中已删除的文字（未读，字）", "修訂中已刪除的文字（未讀，字）", "deleted characters of tracked changes (left out):";
    AsideRuby: "拼音注音（未读，字）", "拼音注音（未讀，字）", "phonetic guides, characters (left out):";
    AsideSymbols: "认不出的符号（以〓标出，个）", "認不出的符號（以〓標出，個）", "unknown symbols (shown as 〓):";
    AsideCutCells: "文字过长、在文件中截短的格", "文字過長、在文件中截短的格", "cells cut short in the file:";
    SheetsRead: "工作表", "工作表", "Sheets:";
    ReadBeside: "文件中另有", "文件中另有", "The file also holds";
    RowsTaken: "已导入（行）", "已導入（行）", "rows taken over:";
    Papers: "公文与图表", "公文與圖表", "Papers";
    PlanPaper: "方案（Word）", "方案（Word）", "Plan (Word)";
    ReportPaper: "进展通报（Word）", "進展通報（Word）", "Report (Word)";
    BriefPaper: "简报（Word）", "簡報（Word）", "Brief (Word)";
    FlowPaper: "流程图（SVG）", "流程圖（SVG）", "Flow chart (SVG)";
    ReminderCopied: "催办文字已复制，可直接粘贴发送", "催辦文字已複製，可直接粘貼發送", "The reminder is on the clipboard";
    NobodyOwes: "没有需要催办的事项", "沒有需要催辦的事項", "Nobody owes anything";
    GroupBy: "分组", "分組", "Group by";
    NoGroups: "不分组", "不分組", "no groups";
    Columns: "列", "列", "Columns";
    SaveAs: "导出", "導出", "Save as";
    AsCsv: "CSV 文件", "CSV 文件", "CSV file";
    NoRows: "没有符合条件的行", "沒有符合條件的行", "No rows";
    SumWord: "合计", "合計", "Sum";
    CellsWritten: "已填（格）", "已填（格）", "cells written:";
    CellsNot: "未填（格）", "未填（格）", "not written:";
    SheetHint: "方向键移动，回车或直接输入修改，Ctrl+C 复制、Ctrl+V 粘贴（可与表格软件互贴），Ctrl+Z 撤销", "方向鍵移動，回車或直接輸入修改，Ctrl+C 複製、Ctrl+V 粘貼（可與表格軟件互貼），Ctrl+Z 撤銷", "Arrows move, Enter or typing writes, Ctrl+C and Ctrl+V go to and from a spreadsheet program, Ctrl+Z takes back";
    SerialNumber: "序号", "序號", "No.";
    BelongsTo: "所属", "所屬", "Belongs to";
    StateWord: "状态", "狀態", "State";
    LightWord: "预警", "預警", "Light";
    ClosedOf: "销号进度", "銷號進度", "Closed of";
    LatestWords: "最新进展", "最新進展", "Latest report";
    SkipToContent: "跳到正文", "跳到正文", "Skip to content";
    News: "上次离开后的变化", "上次離開後的變化", "Changed since you were last here";
    NewVersion: "有新版本，点此更新", "有新版本，點此更新", "A new version is here: update";
    NotFound: "没有这个页面", "沒有這個頁面", "There is no such page";
    Language: "语言", "語言", "Language";
    Navigation: "导航", "導航", "Navigation";
    Desk: "工作台", "工作臺", "My desk";
    Import: "导入", "導入", "Import";
    Report: "填报", "填報", "Report";
    Attention: "需处理", "需處理", "Needs attention";
    Units: "单位与人员", "單位與人員", "Units and people";
    Device: "本机", "本機", "This device";
    SyncNow: "立即同步", "立即同步", "Sync now";
    SignedOutMeanwhile: "已退出登录，导入没有完成", "已退出登錄，導入沒有完成", "Signed out meanwhile; the import did not finish";
    NotSaved: "未能保存", "未能保存", "Not saved";
    Saving: "正在保存", "正在保存", "Saving";
    Uploading: "正在上传", "正在上傳", "Uploading";
    Receiving: "正在取最新内容", "正在取最新內容", "Getting the latest";
    WaitingHere: "项待上传，已存本机", "項待上傳，已存本機", "to send, saved on this device";
    SavedHere: "已存本机", "已存本機", "Saved on this device";
    Synced: "已同步", "已同步", "Synced";
    Offline: "离线", "離線", "Offline";
    Connected: "已连接服务器", "已連接服務器", "Connected to the server";
    NotConnected: "未连接服务器", "未連接服務器", "Not connected to the server";
    NothingWaits: "没有待上传的内容", "沒有待上傳的內容", "Nothing waits to be sent";
    Close: "关闭", "關閉", "Close";
    NotStarted: "未开始", "未開始", "Not started";
    InProgress: "进行中", "進行中", "In progress";
    Asked: "申请销号", "申請銷號", "Close-out asked";
    Returned: "退回", "退回", "Returned";
    Closed: "已销号", "已銷號", "Closed out";
    Overdue: "逾期", "逾期", "Overdue";
    DueSoon: "7 天内到期", "7 天內到期", "Due within 7 days";
    PastPlan: "超过实施期限", "超過實施期限", "Past the plan's period";
    OnTrack: "在期内", "在期內", "On time";
    ZoneOfSpace: "日期和时间按", "日期和時間按", "Dates and times are those of";
    ZoneHint: "所有人的“今天”、期限提示和公开页都按这个时间，不按各自电脑的设置。", "所有人的「今天」、期限提示和公開頁都按這個時間，不按各自電腦的設置。", "Today, deadlines and public pages follow this clock for everybody, whatever each computer is set to.";
    ZoneShanghai: "北京时间（UTC+8）", "北京時間（UTC+8）", "Beijing time (UTC+8)";
    ZoneUrumqi: "乌鲁木齐时间（UTC+6）", "烏魯木齊時間（UTC+6）", "Urumqi time (UTC+6)";
    ZoneTokyo: "东京时间（UTC+9）", "東京時間（UTC+9）", "Tokyo time (UTC+9)";
    ZoneBangkok: "曼谷时间（UTC+7）", "曼谷時間（UTC+7）", "Bangkok time (UTC+7)";
    ZoneDubai: "迪拜时间（UTC+4）", "迪拜時間（UTC+4）", "Dubai time (UTC+4)";
    ZoneUtc: "协调世界时（UTC）", "協調世界時（UTC）", "UTC";
    LoginsAlike: "这些用户名只有大小写或全半角不同，只能按原样登录，请让其中一人改用新账号：", "這些用戶名只有大小寫或全半角不同，只能按原樣登錄，請讓其中一人改用新賬號：", "These user names differ by case or width only and work by their exact spelling; give one of the people a new account:";
    Edit: "编辑", "編輯", "Edit";
    Wording: "正文", "正文", "Wording";
    NoMeasuresRead: "没有读出举措：表格可能没有读成行。请打开 Word 或 Excel 原件，或直接粘贴表格", "沒有讀出舉措：表格可能沒有讀成行。請打開 Word 或 Excel 原件，或直接粘貼表格", "No measures were read: a table may not have been read by rows. Open the Word or Excel file, or paste the table";
    RowsLeftOut: "没有作为举措的行（合计、注）", "沒有作為舉措的行（合計、註）", "Rows that are no measures (totals, notes)";
    NumbersLeftOut: "没有作为目标的数字", "沒有作為目標的數字", "Numbers that are no targets";
    AllEntries: "全部 {n} 条", "全部 {n} 條", "All {n}";
    NoDate: "未定期限", "未定期限", "No date";
    Done: "已完成", "已完成", "Done";
    RoleLead: "牵头", "牽頭", "Lead";
    RoleResponsible: "责任", "責任", "Responsible";
    RoleCo: "配合", "配合", "Co";
    RoleParticipant: "参与", "參與", "Participant";
    RoleGuide: "指导", "指導", "Guide";
    RoleImplement: "实施", "實施", "Implement";
    NoData: "暂无数据", "暫無數據", "No data";
    Met: "达标", "達標", "Met";
    AboveRange: "达标（超出区间）", "達標（超出區間）", "Met, above the range";
    NotMet: "未达标", "未達標", "Not met";
    TwoValues: "两处填写不一致，请选定", "兩處填寫不一致，請選定", "Written differently in two places: please choose";
    TwoNumbers: "两个数值，请选定", "兩個數值，請選定", "Two numbers waiting";
    StoodBefore: "原来", "原來", "Before";
    PublicSays: "公开页仍为", "公開頁仍為", "The public page says";
    NotPublic: "尚未公布", "尚未公佈", "Not published yet";
    NothingThere: "空", "空", "nothing";
    KeepBoth: "都保留", "都保留", "Keep both";
    UnitChooses: "来选定", "來選定", " chooses";
    LeadChooses: "由牵头单位选定", "由牽頭單位選定", "The lead chooses";
    OpenIt: "打开", "打開", "Open";
    TypedOverClash: "这里两处填写不一致，请先选定", "這裡兩處填寫不一致，請先選定", "Two values are waiting here: please choose first";
    WriteInstead: "改为我填的", "改為我填的", "Write mine instead";
    UnitLeft: "已移除，但又有新填报", "已移除，但又有新填報", "Taken off, with new work";
    KeepUnit: "保留该单位", "保留該單位", "Keep the unit";
    TakeOffUnit: "移除，保留记录", "移除，保留記錄", "Take off, keep its records";
    NoLonger: "已不承担", "已不承擔", "No longer responsible";
    TakenOffBy: "移除：", "移除：", "Taken off by ";
    LeftGroup: "已不在所属的单位组", "已不在所屬的單位組", "no longer in its group";
    HasReported: "已填报（条）", "已填報（條）", "records:";
    HasCommented: "评论（条）", "評論（條）", "comments:";
    HasAsked: "申请了销号", "申請了銷號", "asked to close";
    HasClosed: "已销号", "已銷號", "closed out";
    HasRow: "填写了台账", "填寫了臺賬", "wrote its ledger row";
    RemoveAsks: "移除后保留记录，标为“已不承担”", "移除後保留記錄，標為“已不承擔”", "Its records are kept, marked as no longer responsible";
    LeadDecides: "由牵头单位决定", "由牽頭單位決定", "The lead decides";
    MovedTwice: "有人同时改到不同状态", "有人同時改到不同狀態", "Moved to two states at once";
    NotChosen: "您填写的内容没有被采用", "您填寫的內容沒有被採用", "What your unit wrote was not chosen";
    ChosenNow: "现为", "現為", "Now";
    SettledLately: "最近 30 天已处理", "最近 30 天已處理", "Settled in the last 30 days";
    ReturnedBecause: "退回", "退回", "returned";
    MendAndAsk: "改好再报", "改好再報", "Mend it and ask again";
    NumberIs: "这个数是", "這個數是", "This number is";
    OwnIncrement: "本单位本期数", "本單位本期數", "our own, this period";
    OwnLevel: "本单位累计数", "本單位累計數", "our own, since the year began";
    WholeIncrement: "全市本期数", "全市本期數", "the whole city, this period";
    WholeLevel: "全市累计数", "全市累計數", "the whole city, since the year began";
    AddsShares: "各单位的数相加", "各單位的數相加", "the units' numbers are added";
    AddsNothing: "按全市数，不相加", "按全市數，不相加", "the whole city's number, nothing is added";
    AddsAsSaid: "各单位数相加；有全市数时以全市数为准", "各單位數相加；有全市數時以全市數為準", "units' numbers are added; the whole city's number goes before";
    MeansShares: "取各单位最近一次上报数的平均值，不相加", "取各單位最近一次上報數的平均值，不相加", "the mean of the units' last numbers, nothing is added";
    MeansNothing: "按最近一次上报的全市数，不求平均", "按最近一次上報的全市數，不求平均", "the whole city's last number, no mean is taken";
    MeansAsSaid: "取各单位最近一次上报数的平均值，不相加；有全市数时以全市数为准", "取各單位最近一次上報數的平均值，不相加；有全市數時以全市數為準", "the mean of the units' last numbers, nothing is added; the whole city's number goes before";
    LatestShares: "各单位最近一期的数相加", "各單位最近一期的數相加", "the units' numbers of the newest period are added";
    LatestWhole: "按最近一期的全市数，不相加", "按最近一期的全市數，不相加", "the whole city's number of the newest period, nothing is added";
    LatestAsSaid: "各单位最近一期的数相加；有全市数时以全市数为准", "各單位最近一期的數相加；有全市數時以全市數為準", "the units' numbers of the newest period are added; the whole city's number goes before";
    HowAdded: "合计怎么来的", "合計怎麼來的", "How the total came about";
    BesideTotal: "不计入合计", "不計入合計", "not in the total";
    AfterReport: "上报后合计", "上報後合計", "The total will be";
    ReachOfReports: "上报的是", "上報的是", "Reports are of";
    ReachAsSaid: "上报时选择", "上報時選擇", "chosen with each report";
    ForWhom: "发给", "發給", "For ";
    OnceInDays: "的人，7 天内一次有效", "的人，7 天內一次有效", "; works once within 7 days";
    CopyLink: "复制链接", "複製鏈接", "Copy the link";
    LinkCopied: "链接已复制", "鏈接已複製", "The link is copied";
    PartRole: "职责", "職責", "Part";
    ReachOwn: "本单位数", "本單位數", "own number";
    ReachWhole: "全市数", "全市數", "number of the whole city";
    Motto: "公文变成活的清单，断网也能用", "公文變成活的清單，斷網也能用", "Official documents as living plans, with or without a network";
    Login: "用户名", "用戶名", "User name";
    Password: "密码", "密碼", "Password";
    SignIn: "登录", "登錄", "Sign in";
    CannotReach: "连不上服务器，请检查网络", "連不上服務器，請檢查網絡", "The server cannot be reached";
    UsePasskey: "使用通行密钥", "使用通行密鑰", "Use a passkey";
    PasskeyNotUsed: "没有使用通行密钥，请重试或输入密码", "沒有使用通行密鑰，請重試或輸入密碼", "No passkey was used; try again or type your password";
    OneTimeCode: "动态验证码", "動態驗證碼", "One-time code";
    OneTimeCodeAsked: "打开验证器应用，输入其中的 6 位数字", "打開驗證器應用，輸入其中的 6 位數字", "Open your authenticator app and type its 6 digits";
    WrongPassword: "用户名或密码不对", "用戶名或密碼不對", "Wrong user name or password";
    JoinTitle: "加入同办", "加入同辦", "Join Tongban";
    PersonName: "姓名", "姓名", "Name";
    NewPassword: "密码（至少 8 位）", "密碼（至少 8 位）", "Password (8 characters at least)";
    Finish: "完成", "完成", "Finish";
    RoleAdministrator: "管理员", "管理員", "Administrator";
    RoleEditor: "编辑", "編輯", "Editor";
    RoleReporter: "填报员", "填報員", "Reporter";
    RoleKeeper: "系统管理员", "系統管理員", "Keeper";
    RoleSupervisor: "督查", "督查", "Supervisor";
    RoleLeader: "领导", "領導", "Leader";
    TemplateUnread: "本机读不出这张清单的模板，不能填写、定稿和发布。已有内容没有丢失，请牵头单位核对模板或更新程序", "本機讀不出這張清單的模板，不能填寫、定稿和發布。已有內容沒有丟失，請牽頭單位核對模板或更新程序", "The template of this board cannot be read here: nothing is filled in, settled or published. Nothing is lost; its lead should check the template, or the program be updated";
    ProjectsCut: "有 {n} 张清单涉及本企业的内容过多，没有全部列出", "有 {n} 張清單涉及本企業的內容過多，沒有全部列出", "On {n} boards there is too much that concerns you; not all of it is listed";
    ProjectsUnread: "有 {n} 张清单的模板暂时读不出或推算过久，其中涉及本企业的事项没有列出", "有 {n} 張清單的模板暫時讀不出或推算過久，其中涉及本企業的事項沒有列出", "The templates of {n} boards cannot be read for now, or take too long; what concerns you there is not listed";
    NoLead: "这张清单还没有牵头单位，定稿、发布、销号只能由市政府办公室办理。请指定牵头单位。", "這張清單還沒有牽頭單位，定稿、發布、銷號只能由市政府辦公室辦理。請指定牽頭單位。", "No unit leads this board: only the city office settles, publishes and decides here. Please name its lead.";
    NameLead: "指定牵头单位", "指定牽頭單位", "Name the lead";
    NamedLeadMay: "指定以后，该单位的编辑可以定稿、发布、邀请来宾，并决定销号。", "指定以後，該單位的編輯可以定稿、發布、邀請來賓，並決定銷號。", "Its editors may then settle and publish the board, invite guests and decide on closing out.";
    InviteGuests: "邀请来宾单位", "邀請來賓單位", "Invite guests of a unit";
    RoleGuest: "北京来宾", "北京來賓", "Guest";
    RoleEnterprise: "企业", "企業", "Enterprise";
    RoleReader: "只读", "只讀", "Reader";
    WaitsForMe: "待我处理", "待我處理", "Waiting for me";
    NothingToDo: "没有待办", "沒有待辦", "Nothing to do";
    Boards: "清单", "清單", "Boards";
    NoBoards: "本机还没有清单。联网后会自动下载。", "本機還沒有清單。聯網後會自動下載。", "No boards here yet. They come when there is a network.";
    ImportFirst: "导入一份公文，建立第一张清单", "導入一份公文，建立第一張清單", "Import a document to make the first board";
    NeedsDecision: "请您决定", "請您決定", "For you to decide";
    NotReported: "未填报", "未填報", "Not reported";
    ClosedCount: "已销号", "已銷號", "Closed out";
    CloseOut: "已销号 {n} 个，共 {m} 个单位", "已銷號 {n} 個，共 {m} 個單位", "{n} of {m} units closed";
    BoardNotHere: "本机没有这张清单", "本機沒有這張清單", "This board is not on this device";
    BoardComing: "正在接收《{t}》 {n}%", "正在接收《{t}》 {n}%", "Receiving “{t}”, {n}%";
    BoardShut: "这张清单太大或内容有误，本机打不开，其他清单照常同步。请告知管理员。", "這張清單太大或內容有誤，本機打不開，其他清單照常同步。請告知管理員。", "This board is too large or damaged and cannot be opened on this device; the others sync as always. Please tell the administrator.";
    BoardNearlyFull: "本清单的修改记录已用去容量的 {n}%，用满后不能再修改、再填报，删除内容也不能腾出容量。请及早另建清单接续，本清单照常查看。", "本清單的修改記錄已用去容量的 {n}%，用滿後不能再修改、再填報，刪除內容也不能騰出容量。請及早另建清單接續，本清單照常查看。", "The history of this board has used up {n}% of its room. When it is full, nothing more can be edited or reported, and deleting makes no room. Please go on in a new board in time; this one stays readable.";
    BoardFull: "本清单的修改记录已用满容量，新的修改和填报不再被接受，已有内容照常查看。请另建清单接续。", "本清單的修改記錄已用滿容量，新的修改和填報不再被接受，已有內容照常查看。請另建清單接續。", "The history of this board has used up its room: new edits and reports are not accepted any more, everything stays readable. Please go on in a new board.";
    BoardNotHereHint: "可能还没有下载，或者没有查看权限。", "可能還沒有下載，或者沒有查看權限。", "It may not have come yet, or you may not see it.";
    Views: "视图", "視圖", "Views";
    ListView: "清单", "清單", "List";
    KanbanView: "看板", "看板", "Kanban";
    IndicatorsView: "指标", "指標", "Indicators";
    HistoryView: "历史", "歷史", "History";
    Find: "查找", "查找", "Find";
    Unit: "单位", "單位", "Unit";
    AllUnits: "全部单位", "全部單位", "All units";
    MineOnly: "只看本单位", "只看本單位", "My unit only";
    Publish: "发布", "發佈", "Publish";
    PublishNeedsSync: "请先联网，等全部同步后再发布", "請先聯網，等全部同步後再發布", "Sync everything first, then publish";
    Published: "已发布第 {n} 版", "已發佈第 {n} 版", "Edition {n} is published";
    ReviewEdition: "核对第 {n} 版", "覈對第 {n} 版", "Check edition {n}";
    MoreNotListed: "另有 {n} 处没有列出", "另有 {n} 處沒有列出", "{n} more are not listed";
    ManyMoreNotListed: "另有 {n} 处以上没有列出", "另有 {n} 處以上沒有列出", "{n} or more are not listed";
    SensitiveFound: "发现个人信息，改掉以后才能发布：", "發現個人信息，改掉以後才能發佈：", "Personal data was found; take it out first:";
    DiffersFromLast: "与上一版的差别（处）：", "與上一版的差別（處）：", "Differences from the last edition:";
    EntryOfPlan: "举措或指标", "舉措或指標", "Measure or indicator";
    OldWords: "原来", "原來", "Before";
    NewWords: "现在", "現在", "Now";
    ProposedWords: "改为", "改為", "Becomes";
    ConfirmPublish: "发布第 {n} 版", "發佈第 {n} 版", "Publish edition {n}";
    Editions: "历次公布", "歷次公佈", "Editions";
    EditionWord: "第 {n} 版", "第 {n} 版", "Edition {n}";
    Withdraw: "撤回", "撤回", "Withdraw";
    WithdrawReason: "撤回的理由（公开页会显示）", "撤回的理由（公開頁會顯示）", "Why (shown on its page)";
    AttachFile: "添加照片或文件", "添加照片或文件", "Add photos or files";
    KeepOriginal: "保留原图和拍摄信息", "保留原圖和拍攝信息", "Keep the original and where it was taken";
    AttachTooLarge: "文件为空或者过大：每个最多 20 MB", "文件為空或者過大：每個最多 20 MB", "The file is empty or too large: 20 MB at most";
    PhotoUnreadable: "这张照片无法在本机处理；可以勾选保留原图再试", "這張照片無法在本機處理；可以勾選保留原圖再試", "This photo cannot be drawn here; try keeping the original";
    TooManyFiles: "一条进展最多 9 个附件", "一條進展最多 9 個附件", "Nine files at most";
    FilesLeft: "页面已离开，照片没有附上，请重新选择", "頁面已離開，照片沒有附上，請重新選擇", "The page was left; the photos were not added, please choose them again";
    NoPicture: "还没有上传，或者不是图片", "還沒有上傳，或者不是圖片", "Not sent yet, or no picture";
    FileNotHere: "还没有上传，或者暂时取不到", "還沒有上傳，或者暫時取不到", "Not sent yet, or not to be had now";
    PlanIsSettled: "清单已定稿：请用“提出修改”，由牵头单位审核", "清單已定稿：請用“提出修改”，由牽頭單位審核", "The plan is settled: propose the change, its lead reviews it";
    PlanView: "定稿与审核", "定稿與審核", "Plan and review";
    PlanDrafted: "起草中：有编辑权限的单位都可以直接修改。", "起草中：有編輯權限的單位都可以直接修改。", "Being drafted: every unit that may edit writes it.";
    PlanSettled: "已定稿：正文、目标、期限、责任单位经提议、会签和审核后才能修改；进展、台账随时填报。", "已定稿：正文、目標、期限、責任單位經提議、會籤和審核後才能修改；進展、臺賬隨時填報。", "Settled: text, targets, deadlines and units change by reviewed proposals; progress and rows flow at once.";
    PlanDiffers: "定稿以后并入了当时不在线的单位的修改，请逐条确认，确认前不能发布。", "定稿以後併入了當時不在線的單位的修改，請逐條確認，確認前不能發佈。", "Changes of units that were offline came in after it was settled. Look at each; nothing is published before.";
    SettledTag: "已定稿", "已定稿", "Settled";
    SettledOn: "定稿：", "定稿：", "Settled:";
    SettlePlan: "定稿", "定稿", "Settle the plan";
    SettleAgain: "确认以上修改，重新定稿", "確認以上修改，重新定稿", "Confirm these and settle again";
    DraftAgain: "重新起草", "重新起草", "Draft again";
    ValuesClash: "两处填写不一致，请打开举措选定", "兩處填寫不一致，請打開舉措選定", "Written at the same time; choose in the measure";
    PlanChangedMeanwhile: "内容又有变动，请再看一遍", "內容又有變動，請再看一遍", "It has changed again; look once more";
    LookAtIt: "查看", "查看", "Look";
    GiveWordsBack: "恢复原来", "恢復原來", "Restore the old words";
    MergedSince: "定稿以后并入的修改", "定稿以後併入的修改", "What came in after it was settled";
    Proposals: "修改提议", "修改提議", "Proposals";
    NoProposals: "没有修改提议", "沒有修改提議", "No proposals";
    ProposeChange: "提出修改", "提出修改", "Propose a change";
    ProposeGoal: "提议修改目标任务", "提議修改目標任務", "Propose a change of the goal";
    ProposalReason: "修改理由", "修改理由", "Why";
    ProposalNothing: "还没有修改任何一处", "還沒有修改任何一處", "Nothing is changed yet";
    ProposalTooLong: "修改过长，请分开提出", "修改過長，請分開提出", "Too long for one proposal; please divide it";
    ProposalKept: "草稿已存本机", "草稿已存本機", "The draft is on this device";
    ProposalSubmitted: "提议已提交", "提議已提交", "The proposal is submitted";
    AskConsent: "请会签的单位", "請會籤的單位", "Units asked for consent";
    Submit: "提交", "提交", "Submit";
    Discard: "放弃草稿", "放棄草稿", "Discard the draft";
    NoOwner: "不再承担", "不再承擔", "No part";
    StateConsulted: "会签中", "會籤中", "Consent is asked";
    StateReady: "待审核", "待審核", "To review";
    StateAccepted: "已采纳", "已採納", "Accepted";
    StateWithdrawn: "已撤回", "已撤回", "Withdrawn";
    ConsentAsked: "请会签", "請會籤", "Your consent is asked";
    ConsentWaits: "待会签", "待會籤", "not answered";
    Agrees: "同意", "同意", "Agree";
    Disagrees: "不同意", "不同意", "Disagree";
    Opinion: "意见、理由", "意見、理由", "Opinion or reason";
    AcceptProposal: "采纳", "採納", "Accept";
    AcceptWithout: "会签未完，采纳须写明理由", "會籤未完，採納須寫明理由", "Not all have answered: say why it is accepted";
    WithdrawProposal: "撤回提议", "撤回提議", "Take it back";
    ProposalStale: "提议以后又有改动，现在是：", "提議以後又有改動，現在是：", "Changed since; now:";
    ProposalGone: "提议所涉的内容已经不在清单里", "提議所涉的內容已經不在清單裡", "What it is about is no longer there";
    ReviewContested: "采纳与退回同时作出，请重新决定", "採納與退回同時作出，請重新決定", "Accepted and returned at the same time; decide again";
    PublishNeedsSettled: "清单定稿并同步以后才能发布。", "清單定稿並同步以後才能發佈。", "A plan is published once it is settled and synced.";
    RefusedPlanSettled: "清单已定稿，修改未被接受", "清單已定稿，修改未被接受", "The plan is settled; the change was not taken";
    PeriodWord: "实施期限", "實施期限", "Period";
    TemplateWord: "模板", "模板", "Template";
    NumberWord: "编号", "編號", "Number";
    SectionTitle: "章节标题", "章節標題", "Section title";
    NewMeasure: "新增举措", "新增舉措", "New measure";
    NewIndicator: "新增指标", "新增指標", "New indicator";
    PlaceInList: "所在章节", "所在章節", "Place";
    TargetWord: "目标值", "目標值", "Target";
    DidPropose: "提议修改", "提議修改", "proposed a change of";
    DidConsent: "会签同意", "會籤同意", "consented to a change of";
    DidNotConsent: "会签不同意", "會籤不同意", "did not consent to a change of";
    DidAcceptProposal: "采纳提议", "採納提議", "accepted a change of";
    DidReturnProposal: "退回提议", "退回提議", "returned a change of";
    DidWithdrawProposal: "撤回提议", "撤回提議", "took back a proposal on";
    PublicPage: "公开页", "公開頁", "Public page";
    Goal: "目标任务", "目標任務", "Goal";
    NewItem: "新增举措", "新增舉措", "New measure";
    Add: "添加", "添加", "Add";
    RetiredMark: "已不再执行", "已不再執行", "Not carried out any more";
    RetiredWithNews: "已不再执行，但又有新填报", "已不再執行，但又有新填報", "Not carried out any more, with new reports";
    KanbanHint: "拖动卡片（触屏先按住），或按空格拿起、方向键移动、再按空格放下；也可用“移动到…”。", "拖動卡片（觸屏先按住），或按空格拿起、方向鍵移動、再按空格放下；也可用“移動到…”。", "Drag a card (on a touch screen hold it first), or press space to lift it, arrows to move, space to drop; or use Move to…";
    MoveTo: "移动到…", "移動到…", "Move to…";
    StartedWork: "开始推进", "開始推進", "Work has begun";
    NobodyAsked: "还没有单位申请销号", "還沒有單位申請銷號", "No unit has asked yet";
    ReturnInPanel: "请打开这条举措，写明原因后退回", "請打開這條舉措，寫明原因後退回", "Open the measure and return it with a reason";
    NoWayBack: "已有记录的举措不能改回“未开始”", "已有記錄的舉措不能改回“未開始”", "What has entries cannot be unstarted";
    NoRight: "没有此权限", "沒有此權限", "You may not do this";
    AskYes: "确认", "確認", "Confirm: ";
    MustBeFilled: "必填", "必填", "required";
    AskLacks: "还有必填的内容没有填", "還有必填的內容沒有填", "Something that is asked for is missing";
    SignedStays: "确认后以本单位的名义署名记录，不能撤销。", "確認後以本單位的名義署名記錄，不能撤銷。", "Once confirmed it is signed in your unit's name and stays on record.";
    AskCloseTold: "写明完成情况，可附照片、文件作依据。提交后由牵头单位决定。", "寫明完成情況，可附照片、文件作依據。提交後由牽頭單位決定。", "Say what was done, with photos or files as evidence. The lead decides on it.";
    HowItWasDone: "完成情况", "完成情況", "What was done";
    AcceptTold: "同意后，这些单位在这条举措下的任务记为已销号。", "同意後，這些單位在這條舉措下的任務記為已銷號。", "These units' parts are then closed.";
    GiveBackTold: "原因会在对方的工作台上显示。", "原因會在對方的工作臺上顯示。", "The reason stands on their desk.";
    RetireTold: "这条举措不再统计，也不再催办；记录都保留，以后可以恢复。", "這條舉措不再統計，也不再催辦；記錄都保留，以後可以恢復。", "It is counted and asked for no more. Its records stay, and it can be restored.";
    ReachMilestone: "记为已完成", "記為已完成", "Mark as reached";
    ReachMilestoneTold: "会记下您的姓名和时间，不能撤销。", "會記下您的姓名和時間，不能撤銷。", "Your name and the time are put on record, which stays.";
    HowItWasDoneNeeded: "申请销号要写明完成情况", "申請銷號要寫明完成情況", "Say what was done to ask for closing";
    AlsoAskClose: "同时申请销号", "同時申請銷號", "Also ask to close";
    SentLater: "联网后自动上传", "聯網後自動上傳", "sent when there is a network";
    LookAtReport: "看这条", "看這條", "Look at it";
    ReportAnother: "再报一条", "再報一條", "Report another";
    ChooseAnother: "换一条", "換一條", "Another measure";
    FindMeasure: "找举措", "找舉措", "Find a measure";
    NoneFits: "没有符合的举措", "沒有符合的舉措", "No measure fits";
    ShowAll: "全部", "全部", "All";
    Undo: "撤销", "撤銷", "Take back";
    Moved: "已移动：", "已移動：", "Moved: ";
    SectionMoved: "章节次序已改", "章節次序已改", "The order of sections has changed";
    NoPlaceThere: "不能移到那里", "不能移到那裏", "It cannot go there";
    MoveRow: "移动", "移動", "Move";
    MoveRowHint: "按住拖动，或按 Alt+↑、Alt+↓", "按住拖動，或按 Alt+↑、Alt+↓", "Drag, or press Alt with an arrow";
    MoveUp: "上移", "上移", "Up";
    MoveDown: "下移", "下移", "Down";
    InsertHere: "在上面插入…", "在上面插入…", "Insert above…";
    MoveSection: "移动本章", "移動本章", "Move this section";
    NumbersUnordered: "有 {n} 处序号与次序不符。", "有 {n} 處序號與次序不符。", "{n} numbers do not fit the order.";
    Renumber: "重排序号", "重排序號", "Number anew";
    Renumbered: "序号已重排", "序號已重排", "Numbered anew";
    EditionOf: "（第 {n} 版）", "（第 {n} 版）", " (edition {n})";
    WouldShow: "将公开 {m} 条举措、{i} 项指标。下面就是公开页的样子：", "將公開 {m} 條舉措、{i} 項指標。下面就是公開頁的樣子：", "{m} measures and {i} indicators would be public. This is the page:";
    PageAsPublic: "公开页预览", "公開頁預覽", "The public page as it would be";
    TextMarked: "两人同时改过这一处。", "兩人同時改過這一處。", "Two people changed this place at the same time.";
    TextDoubled: "两人写了同样的文字。", "兩人寫了同樣的文字。", "Two people wrote the same words.";
    TextDoubledTold: "合并后重复出现，按“只留一份”即可，不会丢字；处理前不能定稿、发布。", "合併後重複出現，按“只留一份”即可，不會丟字；處理前不能定稿、發佈。", "They stand there twice now: keep one copy, and no word is lost. Nothing is settled or published before.";
    KeepOneCopy: "只留一份", "只留一份", "Keep one copy";
    TextMarkedTold: "两边都没有看到对方的修改，合并后的句子没有人写过，请选定；选定前不能定稿、发布。", "兩邊都沒有看到對方的修改，合併後的句子沒有人寫過，請選定；選定前不能定稿、發佈。", "Neither had seen the other; nobody wrote what came of it. Choose; nothing is settled or published before.";
    TextCrowded: "这段文字同时有很多改动。", "這段文字同時有很多改動。", "Much of this text was changed at the same time.";
    TextReadWhole: "已通读，按现文", "已通讀，按現文", "Read: keep it as it stands";
    TextCrowdedTold: "改动太多，无法逐处对照。请通读全文，改好后确认；确认前不能定稿、发布。", "改動太多，無法逐處對照。請通讀全文，改好後確認；確認前不能定稿、發佈。", "Too much to compare place by place. Read the text as a whole, mend it, then confirm; nothing is settled or published before.";
    TakeVersionOf: "采用 ", "採用 ", "Use that of ";
    KeepWordsNow: "都保留（按现文）", "都保留（按現文）", "Keep both (as it stands)";
    WordsBefore: "改前", "改前", "Before";
    WordsNow: "现文", "現文", "Now";
    TakenOut: "（删去）", "（刪去）", "(taken out)";
    MarkGone: "这一处刚刚又有变动，请再看一遍", "這一處剛剛又有變動，請再看一遍", "This place has just changed: look again";
    MarksFirst: "有 {n} 处两人同时改过，请先选定", "有 {n} 處兩人同時改過，請先選定", "{n} places were changed by two people: choose first";
    UnsavedFound: "上次没有保存的内容已找回", "上次沒有保存的內容已找回", "What was not saved last time is here again";
    UnsavedLong: "文字太长，新写的不留存草稿：离开或刷新后只找回先前的", "文字太長，新寫的不留存草稿：離開或刷新後只找回先前的", "Too long to be kept on this device: leaving or loading anew brings back what was kept before";
    UnsavedDrop: "不要了", "不要了", "Drop it";
    SettleFirst: "去定稿", "去定稿", "Settle the plan first";
    ConfirmMergedFirst: "去确认并入的修改", "去確認併入的修改", "Confirm what came in first";
    PublicAddress: "公开页地址（始终显示最新一版）", "公開頁地址（始終顯示最新一版）", "Public address (always the newest edition)";
    Copy: "复制", "複製", "Copy";
    AddressCopied: "地址已复制", "地址已複製", "The address is on the clipboard";
    CopyByHand: "浏览器不能复制，请选中文字后按 Ctrl+C", "瀏覽器不能複製，請選中文字後按 Ctrl+C", "The browser cannot copy; select the text and press Ctrl+C";
    SaveCode: "存为图片", "存為圖片", "Save the picture";
    ByPassword: "密码登录", "密碼登錄", "by password";
    ByProvider: "统一身份登录", "統一身份登錄", "by unified sign-in";
    ThisComputer: "服务器本机", "服務器本機", "the server's own machine";
    MorePages: "更多", "更多", "More";
    NoIndicators: "没有指标", "沒有指標", "No indicators";
    NotANumber: "请填写数字", "請填寫數字", "Please enter a number";
    Baseline: "基数", "基數", "Baseline";
    Target: "目标", "目標", "Target";
    KindResult: "已达到", "已達到", "Reached";
    KindCondition: "条件", "條件", "Condition";
    KindLimit: "上限", "上限", "Limit";
    KindScale: "规模、标准", "規模、標準", "Size or rate";
    KindOther: "其他数字", "其他數字", "Other";
    Reported: "已报", "已報", "Reported";
    Gap: "差", "差", "Gap";
    TwoTargets: "目标值有两种改法，原值仍然有效，请牵头单位确定：", "目標值有兩種改法，原值仍然有效，請牽頭單位確定：", "Two new targets are waiting; the former one stays in force until the lead decides:";
    Use: "采用", "採用", "Use";
    SourceSentence: "原文", "原文", "Source sentence";
    Value: "数值", "數值", "Value";
    Period: "时期", "時期", "Period";
    Measure: "口径", "口徑", "Kind of number";
    Level: "累计数（本单位）", "累計數（本單位）", "So far (own unit)";
    Increment: "本期数", "本期數", "This period";
    ReportValue: "上报", "上報", "Report";
    NoHistory: "还没有改动", "還沒有改動", "No changes yet";
    NotAnswered: "未回应", "未回應", "Not answered";
    Answered: "已回应", "已回應", "Answered";
    InstructionDone: "已办结", "已辦結", "Done";
    InstructionAnswered: "批示已回应", "批示已回應", "Instruction answered";
    DidEndInstruction: "办结了批示", "辦結了批示", "ended the instruction";
    DidSendBack: "退回了回应", "退回了回應", "sent the answer back";
    LateDays: "已过", "已過", "late by";
    DaysWord: "天", "天", "days";
    ThingsWord: "项", "項", "items";
    ByBoard: "按清单：", "按清單：", "by board: ";
    AllLate: "全部清单逾期", "全部清單逾期", "Late in all boards";
    InstructionsWord: "批示", "批示", "Instructions";
    NoInstructions: "还没有交办的批示", "還沒有交辦的批示", "No instructions yet";
    Minutes: "会议纪要", "會議紀要", "Minutes";
    CopyMinutes: "复制会议纪要", "複製會議紀要", "Copy the minutes";
    MinutesCopied: "会议纪要已复制", "會議紀要已複製", "The minutes are copied";
    AskedUnits: "责任单位", "責任單位", "Units asked";
    AnswerWord: "回应", "回應", "Answer";
    AnswerHere: "写办理情况，交办单位可见", "寫辦理情況，交辦單位可見", "What was done about it";
    EndInstruction: "办结", "辦結", "Done";
    SendAnswerBack: "退回重办", "退回重辦", "Send back";
    LateAnswers: "办结后又有回应", "辦結後又有回應", "answered after the end";
    ReasonFirst: "请先写明理由", "請先寫明理由", "Please give the reason first";
    OversightView: "督办", "督辦", "Oversight";
    OversightHint: "以下是您可以查看的全部清单的情况，点数字看明细", "以下是您可以查看的全部清單的情況，點數字看明細", "All boards that you may read; every number opens its list";
    MattersWord: "事项", "事項", "matters";
    EndedWord: "已完成", "已完成", "done";
    LateParts: "逾期", "逾期", "late";
    LateLongest: "逾期最久", "逾期最久", "Late the longest";
    NothingLate: "没有逾期的事项", "沒有逾期的事項", "Nothing is late";
    WorstUnits: "单位（最差在前）", "單位（最差在前）", "Units, the worst first";
    TargetsMet: "指标达标", "指標達標", "targets met";
    LargestGaps: "指标差距（最大在前）", "指標差距（最大在前）", "Largest gaps";
    NoGaps: "没有未达标的指标", "沒有未達標的指標", "No target is short";
    SinceDay: "自这天以来", "自這天以來", "Since";
    ChangedSince: "这天以来的填报与办理", "這天以來的填報與辦理", "What was done since";
    NothingSince: "这天以来没有填报", "這天以來沒有填報", "Nothing was reported since";
    OfUnit: "只看：", "只看：", "Only: ";
    AllBoards: "全部清单", "全部清單", "All boards";
    NotAnsweredCount: "批示未回应", "批示未回應", "instructions not answered";
    NoHistoryThen: "这段时间没有改动", "這段時間沒有改動", "Nothing was changed in this time";
    WroteField: "改了", "改了", "changed";
    AddedThing: "新增了", "新增了", "added";
    GavePart: "增加了单位", "增加了單位", "added a unit:";
    TookPart: "移除了单位", "移除了單位", "took off a unit:";
    ChosePlace: "选定了两人同时改过的一处：", "選定了兩人同時改過的一處：", "chose between two versions of a place: ";
    OfThing: "的", "的", " – ";
    TimesWritten: "处", "處", "edits";
    WroteMany: "一次改了", "一次改了", "changed at once:";
    PlacesWord: "处内容", "處內容", "places";
    InItems: "涉及举措", "涉及舉措", "in measures:";
    ImportedBoard: "导入公文建立了清单", "導入公文建立了清單", "imported a document as this board";
    MadeSections: "章节", "章節", "sections";
    MadeItems: "举措", "舉措", "measures";
    MadeIndicators: "指标", "指標", "indicators";
    NowCalled: "现为：", "現為：", "now: ";
    SeeChange: "看改动", "看改動", "Show the change";
    FromDay: "从", "從", "From";
    ToDay: "到", "到", "To";
    AllPersons: "所有人", "所有人", "Everybody";
    AllTime: "全部时间", "全部時間", "All time";
    CompareDays: "比较这两天", "比較這兩天", "Compare these two days";
    CompareHint: "比较“从”那天开始时与“到”那天结束时的清单", "比較“從”那天開始時與“到”那天結束時的清單", "Compares the board as the first day began with the end of the last";
    SinceThen: "此后有哪些变化", "此後有哪些變化", "What changed since";
    NothingChanged: "两个时点之间清单没有变化", "兩個時點之間清單沒有變化", "The board did not change between these two moments";
    Milestone: "时间节点", "時間節點", "Milestone";
    MembersWord: "可查看的单位", "可查看的單位", "Units that may look";
    LeadWord: "牵头单位", "牽頭單位", "Lead";
    Section: "章节", "章節", "Section";
    BoardItself: "清单信息", "清單信息", "Board";
    Items: "条", "條", "items";
    NotProven: "署名未经证实", "署名未經證實", "not proven";
    UnknownProgram: "其他程序", "其他程序", "Another program";
    Changed: "修改了", "修改了", "changed";
    DidReport: "填报了进展", "填報了進展", "reported on";
    DidReportValue: "上报了数值", "上報了數值", "reported a number for";
    DidComment: "评论了", "評論了", "commented on";
    DidClose: "同意销号", "同意銷號", "closed out";
    DidRetire: "不再执行", "不再執行", "put out of use";
    NewBoard: "新建清单", "新建清單", "New board";
    NewBoardHint: "选一种模板，起个名称就能用；没有网络也行", "選一種模板，起個名稱就能用；沒有網絡也行", "Choose a template and give it a name; it works without a network";
    TemplateFile: "从文件添加模板（.toml）", "從文件添加模板（.toml）", "Add a template from a file (.toml)";
    BoardName: "清单名称", "清單名稱", "Name of the board";
    Begin: "开始", "開始", "Begin";
    ItemKind: "类型", "類型", "Kind";
    AllBelowEnded: "下面各条（至少一条，全部办结）", "下面各條（至少一條，全部辦結）", "what stands below (at least one, all ended)";
    StateNow: "当前状态", "當前狀態", "Now";
    BringTo: "转为", "轉為", "Bring to";
    StillMissing: "还缺", "還缺", "Still missing:";
    SayWhat: "说明", "說明", "What was done";
    SayNumber: "数值", "數值", "Number";
    SayDue: "承诺日期", "承諾日期", "Promised for";
    ContestedMove: "有人同时改了状态，请核对", "有人同時改了狀態，請核對", "Somebody else moved it at the same time: please check";
    MovesNotCounted: "未生效的操作", "未生效的操作", "Moves without effect:";
    RulesSay: "统计", "統計", "Counts";
    No: "否", "否", "No";
    Details: "基本资料", "基本資料", "Details";
    NewRow: "新增一行", "新增一行", "New row";
    NotFilled: "未填", "未填", "not filled";
    FromEntries: "依据记录（条）", "依據記錄（條）", "records behind it:";
    FromItems: "涉及（条）", "涉及（條）", "concerned:";
    RuleHolds: "成立", "成立", "holds";
    RuleFails: "不成立", "不成立", "does not hold";
    NoneApplies: "没有符合条件的", "沒有符合條件的", "none applies";
    OneApplies: "有一项符合", "有一項符合", "one applies";
    OneChosen: "已选定一项", "已選定一項", "one is chosen";
    ChooseOne: "有几项符合，只能选一项", "有幾項符合，只能選一項", "several apply: choose one";
    DidVisit: "记录走访", "記錄走訪", "Recorded a visit";
    DidIssue: "提出问题", "提出問題", "Raised an issue";
    DidAnswer: "答复", "答復", "Answered";
    DidCheck: "核查", "核查", "Checked";
    DidScore: "评分", "評分", "Scored";
    DidDispatch: "派单", "派單", "Dispatched";
    DidAccept: "接单", "接單", "Took over";
    DidHandover: "移交", "移交", "Handed over";
    DidReceipt: "签收", "簽收", "Confirmed receipt";
    DidOutcome: "办理结果", "辦理結果", "Result";
    DidInstruction: "批示", "批示", "Instructed";
    DidBrief: "编发简报", "編發簡報", "Issued a brief";
    DidPublish: "公布", "公布", "Made public";
    AsNewBoard: "建立新清单", "建立新清單", "as a new board";
    CompareWith: "与已有清单对照：", "與已有清單對照：", "beside: ";
    ImportAs: "导入方式", "導入方式", "Take it in";
    NothingDiffers: "已导入过，没有变化", "已導入過，沒有變化", "Taken in before; nothing differs";
    NothingNewHere: "新文件没有变化；本地修改 {n} 处，全部保留", "新文件沒有變化；本地修改 {n} 處，全部保留", "The document changes nothing; {n} changes made here stay";
    ShowChanged: "改", "改", "Changed";
    ShowAdded: "增", "增", "New";
    ShowGone: "减", "減", "Gone";
    ShowHere: "本地修改", "本地修改", "Changed here";
    BoardNow: "现在的清单", "現在的清單", "The board now";
    NewerDocument: "新文件", "新文件", "The newer document";
    ToTake: "采用", "採用", "Take";
    Apply: "应用", "應用", "Apply";
    TakeAndLeave: "采用 {n} 处，略过 {m} 处", "採用 {n} 處，略過 {m} 處", "{n} taken, {m} left aside";
    ChoicesOpen: "，{n} 处两边都改了，请选择（未选的保留本地）", "，{n} 處兩邊都改了，請選擇（未選的保留本地）", ", {n} changed by both: please choose (else yours stays)";
    WholePlan: "总体", "總體", "The whole";
    TakePart: "全选本节", "全選本節", "Take all of this";
    ChangedHere: "本地修改（保留）", "本地修改（保留）", "Changed here (stays)";
    ChangedByBoth: "两边都改了，请选择", "兩邊都改了，請選擇", "Changed by both; please choose";
    StaysByHand: "指标仍保留，请人工处理", "指標仍保留，請人工處理", "The indicator stays; see to it by hand";
    UseDocument: "改用新文件", "改用新文件", "Use the document's";
    TakeHere: "本地", "本地", "Ours";
    TakeDocument: "新文件", "新文件", "The document's";
    TakeBoth: "都保留", "都保留", "Both";
    DiffRetired: "这里不再执行", "這裏不再執行", "put out of use here";
    DiffMoved: "所在分栏", "所在分欄", "section it is in";
    DiffTitle: "清单名称", "清單名稱", "title of the board";
    DiffPeriod: "实施期限", "實施期限", "period";
    DiffGoal: "目标任务", "目標任務", "goal";
    NotInDocument: "新文件里没有这一条", "新文件裏沒有這一條", "The newer document does not have it";
    OutOfUse: "这里已不再执行", "這裏已不再執行", "Put out of use here";
    StillInDocument: "新文件里仍有这一条", "新文件裏仍有這一條", "The newer document still has it";
    Differences: "处差异", "處差異", "differences";
    UnitsByOffice: "有单位尚未登记，请管理员添加单位或由管理员采用", "有單位尚未登記，請管理員添加單位或由管理員採用", "Some units are not known yet; an administrator must add them or take this over";
    TakenOver: "已采用修改：", "已採用修改：", "Changes taken over:";
    DiffSource: "文件", "文件", "document";
    DiffSection: "分栏标题", "分欄標題", "section";
    DiffAdded: "新增", "新增", "new";
    DiffGone: "不再出现（采用则不再执行）", "不再出現（採用則不再執行）", "gone (taking it puts it out of use)";
    DiffNumber: "编号", "編號", "number";
    DiffHeadline: "标题", "標題", "headline";
    DiffText: "内容", "內容", "words";
    DiffDeadline: "期限", "期限", "deadline";
    DiffUnitAdded: "增加单位", "增加單位", "unit added";
    DiffUnitGone: "减少单位", "減少單位", "unit gone";
    DiffRole: "分工", "分工", "role";
    DiffTargetAdded: "新增指标", "新增指標", "new indicator";
    DiffTargetGone: "指标不再出现", "指標不再出現", "indicator gone";
    DiffTarget: "指标值", "指標值", "target";
    FittingTemplate: "适用模板", "適用模板", "Template";
    TemplateAdvice: "模板可以使用，但请看看：", "模板可以使用，但請看看：", "The template may be used, but please look at this:";
    TemplateRead: "模板可用，已选中", "模板可用，已選中", "read and chosen";
    KeepTemplate: "存入模板库，供全体使用", "存入模板庫，供全體使用", "Keep it for everybody";
    OfThisSpace: "自有", "自有", "own";
    TakeTemplateOff: "移出模板库", "移出模板庫", "Take it off";
    YearlyForm: "年度指标报表", "年度指標報表", "Indicators of the year";
    IndicatorWord: "指标", "指標", "Indicator";
    Scope: "范围", "範圍", "Scope";
    MeasureUnit: "计量单位", "計量單位", "Unit of measure";
    DidRemind: "催办", "催辦", "Reminded";
    RemindersRecorded: "催办文字已复制，已在 {n} 条举措下留痕", "催辦文字已複製，已在 {n} 條舉措下留痕", "The reminders are on the clipboard and on record under {n} measures";
    RecordedOnly: "已在 {n} 条举措下留痕；浏览器未允许复制，请逐条复制", "已在 {n} 條舉措下留痕；瀏覽器未允許複製，請逐條複製", "On record under {n} measures; the browser did not allow copying, so copy them one by one";
    CopyNotAllowed: "浏览器未允许复制，请选中文字后复制", "瀏覽器未允許複製，請選中文字後複製", "The browser did not allow copying; select the text and copy it";
    RemindTitle: "催办", "催辦", "Remind";
    OfAllBoards: "全部清单", "全部清單", "All boards";
    RecordReminders: "记为催办", "記為催辦", "Put on record";
    CopyReminders: "复制", "複製", "Copy";
    CopyOne: "复制这一条", "複製這一條", "Copy this one";
    RemindCount: "已选 {n} 个单位，{m} 条催办文字", "已選 {n} 個單位，{m} 條催辦文字", "{n} units, {m} letters";
    RemindPreview: "催办文字", "催辦文字", "Letters";
    RemindedLately: "{n} 天前已催办", "{n} 天前已催辦", "reminded {n} days ago";
    RemindedToday: "今天已催办", "今天已催辦", "reminded today";
    OwesLate: "逾期或退回 {n} 条", "逾期或退回 {n} 條", "{n} late or returned";
    OwesSoon: "将到期 {n} 条", "將到期 {n} 條", "{n} soon due";
    ForRound: "计入填报轮次", "計入填報輪次", "For the round";
    NoRound: "不计入轮次", "不計入輪次", "for no round";
    OwnLedger: "本单位台账", "本單位台賬", "My unit's ledger";
    OwnLedgerHint: "各清单中由本单位承担的事项，可离线填写、导出和打印", "各清單中由本單位承擔的事項，可離線填寫、導出和打印", "What my unit has to do on every board; works offline, to be saved and printed";
    OwnRowsNone: "各清单中还没有本单位承担的事项", "各清單中還沒有本單位承擔的事項", "No board has anything for my unit yet";
    AllStates: "全部状态", "全部狀態", "all states";
    OfBoard: "所属清单", "所屬清單", "Board";
    DidRestore: "恢复了", "恢復了", "restored";
    ItemPanel: "举措详情", "舉措詳情", "Measure";
    Headline: "标题", "標題", "Headline";
    Deadline: "期限", "期限", "Deadline";
    Text: "内容", "內容", "Text";
    ResponsibleUnits: "责任单位", "責任單位", "Units";
    TakeOff: "移除", "移除", "Take off";
    AddUnit: "添加单位", "添加單位", "Add a unit";
    Contested: "同时有人同意、有人退回", "同時有人同意、有人退回", "Accepted and returned at once";
    MoreClashes: "另有同时写入的内容待处理", "另有同時寫入的內容待處理", "More fields written at once";
    ReportAfterClose: "销号后又有新进展", "銷號後又有新進展", "New report after closing";
    AskClose: "申请销号", "申請銷號", "Ask to close";
    Accept: "同意销号", "同意銷號", "Accept";
    GiveBack: "退回", "退回", "Return";
    Reason: "退回原因", "退回原因", "Reason";
    SayNeeded: "请先填写说明、数值或日期", "請先填寫說明、數值或日期", "Please fill in what is asked for";
    NoAccess: "本单位没有参与这张清单", "本單位沒有參與這張清單", "Your unit takes no part in this board";
    Days: "天", "天", "days";
    Complete: "齐全", "齊全", "complete";
    Incomplete: "不全", "不全", "incomplete";
    ReasonNeeded: "请写明理由", "請寫明理由", "Please give a reason";
    MyLedger: "本单位台账", "本單位臺賬", "My unit's ledger";
    PersonInCharge: "负责人", "負責人", "Person in charge";
    YearlyTask: "年度任务", "年度任務", "Yearly task";
    Path: "实施路径", "實施路徑", "Path";
    Remark: "备注", "備註", "Remark";
    Milestones: "时间节点", "時間節點", "Milestones";
    NewMilestone: "新增时间节点", "新增時間節點", "New milestone";
    Progress: "进展", "進展", "Progress";
    NewReport: "写一条进展", "寫一條進展", "Write a report";
    Save: "保存", "保存", "Save";
    Retire: "不再执行", "不再執行", "Not carried out any more";
    ConfirmRetire: "确认不再执行", "確認不再執行", "Confirm";
    Restore: "恢复", "恢復", "Restore";
    Measure1: "举措", "舉措", "Measure";
    ChooseMeasure: "选择举措", "選擇舉措", "Choose a measure";
    ChooseIndicator: "选择指标", "選擇指標", "Choose an indicator";
    NameNeeded: "请先写名称", "請先寫名稱", "Write a name first";
    NothingWritten: "请写进展或填数值", "請寫進展或填數值", "Write something or enter a number";
    NothingToReport: "没有需要本单位填报的举措", "沒有需要本單位填報的舉措", "There is nothing for your unit to report";
    FileTooLarge: "文件太大", "文件太大", "The file is too large";
    FileUnreadable: "文件无法读取", "文件無法讀取", "The file cannot be read";
    ImportHint: "粘贴公文全文，或打开 Word（.docx）、表格（.xlsx、.csv）、PDF（.pdf）、文本（.txt）文件。请勿导入涉密文件。", "粘貼公文全文，或打開 Word（.docx）、表格（.xlsx、.csv）、PDF（.pdf）、文本（.txt）文件。請勿導入涉密文件。", "Paste the whole document or open a file: Word (.docx), a table (.xlsx, .csv), PDF (.pdf) or text (.txt). Never import secret documents.";
    SourceText: "原文", "原文", "Source";
    OpenFile: "打开文件", "打開文件", "Open a file";
    ReadText: "识别", "識別", "Read";
    PasteHere: "在这里粘贴公文", "在這裏粘貼公文", "Paste the document here";
    ReadResult: "识别结果", "識別結果", "Result";
    NothingRead: "还没有识别出清单", "還沒有識別出清單", "Nothing read yet";
    TextNeeded: "请先粘贴公文，或打开文件", "請先粘貼公文，或打開文件", "Paste a document first, or open a file";
    NoBoardRead: "读了 {n} 个字，没有识别出清单。请核对文字是否完整，改好后再按“识别”", "讀了 {n} 個字，沒有識別出清單。請核對文字是否完整，改好後再按“識別”", "{n} characters were read, and no board was found in them. Check whether the text is whole, mend it and press Read again";
    AcceptAll: "全部采纳", "全部採納", "Accept all";
    OfficeOnly: "只有管理员可以建立清单", "只有管理員可以建立清單", "Only administrators make boards";
    BoardMade: "已建立", "已建立", "made";
    BoardKnown: "已有这张清单，没有重复建立", "已有這張清單，沒有重複建立", "already here; not made twice";
    Doubtful: "存疑之处", "存疑之處", "Doubtful places";
    Untitled: "未命名清单", "未命名清單", "Untitled";
    DraftUnits: "个责任单位（共 {n} 项分工）", "個責任單位（共 {n} 項分工）", "units ({n} parts)";
    AskMistakenPlace: "“{a}”出现 {n} 处，单位字典里是“{b}”", "“{a}”出現 {n} 處，單位字典裏是“{b}”", "“{a}” stands at {n} places; the dictionary has “{b}”";
    AskJoined: "“{a}”在原文中被换页断开，已合成一个名称", "“{a}”在原文中被換頁斷開，已合成一個名稱", "“{a}” was cut in two by a page break and put together";
    AskOdd: "“{a}”不像单位名称，已按原文列入", "“{a}”不像單位名稱，已按原文列入", "“{a}” is not like a unit's name; it was taken as printed";
    AskLeft: "“{a}”不像单位名称，没有列入责任单位", "“{a}”不像單位名稱，沒有列入責任單位", "“{a}” is not like a unit's name; it was not taken";
    AskCompleted: "原文写“{b}”，已按前后文补全为“{a}”", "原文寫“{b}”，已按前後文補全為“{a}”", "Printed as “{b}”; completed to “{a}”";
    AskGroup: "“{a}”是一组单位：要不要逐个列出？", "“{a}”是一組單位：要不要逐個列出？", "“{a}” is a group of units: list them one by one?";
    AskTold: "没有责任单位名单，“{a}”是从句子的主语读出的", "沒有責任單位名單，“{a}”是從句子的主語讀出的", "no list of units; “{a}” was read from the subject of a sentence";
    AskRepeated: "“{a}”在同一名单里出现两次，只记一次", "“{a}”在同一名單裏出現兩次，只記一次", "“{a}” stands twice in one list; it was taken once";
    AskNew: "“{a}”是新的单位，与已有的“{b}”相近", "“{a}”是新的單位，與已有的“{b}”相近", "“{a}” is a new unit, close to “{b}”";
    AskNumbering: "编号“{a}”与前面不连续，请对照原文", "編號“{a}”與前面不連續，請對照原文", "Number “{a}” does not follow the one before";
    AnswerUse: "改为“{b}”（{n} 处）", "改為“{b}”（{n} 處）", "Use “{b}” ({n})";
    AnswerKeep: "保留原文", "保留原文", "Keep as printed";
    AnswerKeepName: "用“{a}”", "用“{a}”", "Use “{a}”";
    AnswerLeave: "不列入", "不列入", "Leave it out";
    AnswerGroup: "作为一组保留", "作為一組保留", "Keep as a group";
    AnswerOnce: "只记一次", "只記一次", "Once is right";
    AnswerNew: "作为新单位建立", "作為新單位建立", "Make it a new unit";
    AnswerSeen: "原文如此", "原文如此", "It is so printed";
    AnswerOther: "换一个单位…", "換一個單位…", "Another unit…";
    AnswerMembers: "逐个列出成员…", "逐個列出成員…", "List its members…";
    AnswerTyped: "确定", "確定", "OK";
    AnswerAgain: "改", "改", "Change";
    MembersHint: "成员名称，用“、”隔开", "成員名稱，用“、”隔開", "Names, separated by 、";
    DoubtsSeen: "存疑 {n}，已看 {m}", "存疑 {n}，已看 {m}", "{n} doubtful, {m} seen";
    SelectAll: "全选", "全選", "All";
    EditSource: "改原文", "改原文", "Change the source";
    OtherBoard: "其他清单…", "其他清單…", "another board…";
    NextSteps: "下一步：{n} 条举措没有期限 · {m} 张清单未定稿", "下一步：{n} 條舉措沒有期限 · {m} 張清單未定稿", "Next: {n} measures have no deadline · {m} boards are not settled";
    OpenBoard: "打开", "打開", "Open";
    BatchDeadlines: "批量设期限", "批量設期限", "One date for several";
    DateFirst: "请先选日期", "請先選日期", "Choose a date first";
    SetDeadlines: "设定期限（{n} 条）", "設定期限（{n} 條）", "Set the date ({n})";
    DeadlinesSet: "已为 {n} 条举措设定期限", "已為 {n} 條舉措設定期限", "{n} measures have this deadline now";
    MergeUnit: "要合并的单位", "要合併的單位", "Unit to be merged";
    MergeInto: "合并到…", "合併到…", "into…";
    UnitsMerged: "已将“{a}”合并到“{b}”", "已將“{a}”合併到“{b}”", "“{a}” is “{b}” now";
    SpaceOrLog: "单位目录或本单位记录", "單位目錄或本單位記錄", "Units or your unit's log";
    NoClashes: "没有需要处理的事", "沒有需要處理的事", "Nothing needs attention";
    RefusedNoRight: "没有修改权限，服务器未接受；改动仍在本机", "沒有修改權限，服務器未接受；改動仍在本機", "You may not change this; the server did not take it, it is still on this device";
    RefusedUnknown: "服务器上没有此清单；改动仍在本机", "服務器上沒有此清單；改動仍在本機", "The server does not know this board; it is still on this device";
    RefusedInvalid: "不符合记录规则，服务器未接受；改动仍在本机", "不符合記錄規則，服務器未接受；改動仍在本機", "It breaks a rule; the server did not take it, it is still on this device";
    RefusedTooLarge: "内容过大，或近一天写入过多，服务器未接受；改动仍在本机", "內容過大，或近一天寫入過多，服務器未接受；改動仍在本機", "Too large, or too much within a day; the server did not take it, it is still on this device";
    StorageUsed: "占用空间", "佔用空間", "Storage used";
    StorageKept: "浏览器是否保留", "瀏覽器是否保留", "Kept by the browser";
    Yes: "是", "是", "Yes";
    NotPromised: "浏览器可能清理数据，建议导出备份", "瀏覽器可能清理數據，建議導出備份", "The browser may clear it; export a copy";
    Files: "文件", "文件", "Files";
    BundleHint: "导出全部内容为一个文件，包括本机上的照片和附件；在另一台设备导入后自动合并，重复导入不会出错。", "導出全部內容爲一個文件，包括本機上的照片和附件；在另一臺設備導入後自動合併，重複導入不會出錯。", "Everything as one file, with the photos and files that are on this device; taken in on another one it merges, twice changes nothing.";
    BundleGiven: "已导出，附件", "已導出，附件", "Exported; photos and files:";
    BundleFrom: "来自", "來自", "from";
    BundleUnsigned: "没有可信的整体签名，只读取了有签名的记录", "沒有可信的整體簽名，只讀取了有簽名的記錄", "No server or device that is known here has signed the file: only signed records were read";
    BundlePartly: "有内容没有采纳", "有內容沒有採納", "some changes were not taken";
    BundleUnread: "无法读取的附件", "無法讀取的附件", "could not be read:";
    BundleFiles: "新增附件", "新增附件", "new photos and files:";
    Export: "导出备份文件", "導出備份文件", "Export a file";
    TakeBundle: "导入备份文件", "導入備份文件", "Take a file in";
    BundleTaken: "已导入，新增内容", "已導入，新增內容", "Taken in; new:";
    DeviceLock: "设备锁定", "設備鎖定", "Device lock";
    DeviceLockHint: "启用后，每台设备要设置 PIN 码；离开一段时间就锁定，连续输错太多次就清除本机的全部内容，没有同步的也会丢失。", "啟用後，每台設備要設置 PIN 碼；離開一段時間就鎖定，連續輸錯太多次就清除本機的全部內容，沒有同步的也會丟失。", "When on, every device is given a PIN. It locks after a time without use; after too many wrong PINs everything on it is removed, also what was not synced.";
    LockMinutes: "离开几分钟后锁定", "離開幾分鐘後鎖定", "Minutes without use";
    LockFailures: "输错几次后清除", "輸錯幾次後清除", "Wrong PINs before everything is removed";
    SetLock: "启用锁定", "啟用鎖定", "Lock devices";
    EndLock: "停用锁定", "停用鎖定", "Lock no devices";
    LockChanged: "设备锁定已更改", "設備鎖定已更改", "The device lock has changed";
    LockNow: "锁定本机", "鎖定本機", "Lock this device";
    Locked: "本机已锁定", "本機已鎖定", "This device is locked";
    PinAsked: "PIN 码", "PIN 碼", "PIN";
    PinAgain: "再输一次", "再輸一次", "Once more";
    PinToSet: "请设置本机的 PIN 码", "請設置本機的 PIN 碼", "Choose a PIN for this device";
    PinToSetHint: "管理员要求每台设备设置 PIN 码：6 至 12 位数字，不能全部相同。没有网络时也用它打开本机。", "管理員要求每台設備設置 PIN 碼：6 至 12 位數字，不能全部相同。沒有網絡時也用它打開本機。", "Your administrator asks for a PIN on every device: 6 to 12 digits, not all the same. It opens this device without a network as well.";
    PinUnfit: "PIN 码须为 6 至 12 位数字，不能全部相同", "PIN 碼須為 6 至 12 位數字，不能全部相同", "6 to 12 digits, not all the same";
    PinDiffers: "两次输入不一样", "兩次輸入不一樣", "The two differ";
    PinLeft: "PIN 码不对。输错太多次会清除本机内容，还可以试的次数：", "PIN 碼不對。輸錯太多次會清除本機內容，還可以試的次數：", "Wrong PIN. Everything here is removed after too many; attempts left: ";
    PinUnreadable: "本机暂时不能读写，请腾出空间或重新打开后再试", "本機暫時不能讀寫，請騰出空間或重新打開後再試", "This device cannot be read or written now; make room or open it again";
    Unlock: "解锁", "解鎖", "Unlock";
    SignInWays: "登录方式", "登錄方式", "Ways to sign in";
    SignInWaysHint: "除密码外，可以用通行密钥（指纹、面容或安全密钥）登录；也可以在输入密码后再要求验证器应用的动态验证码。更改前请再输一次密码。", "除密碼外，可以用通行密鑰（指紋、面容或安全密鑰）登錄；也可以在輸入密碼後再要求驗證器應用的動態驗證碼。更改前請再輸一次密碼。", "Beside the password: passkeys (finger, face or a security key), and codes of an authenticator app after the password. Type your password again before you change them.";
    PasswordAgain: "当前密码", "當前密碼", "Your password";
    Passkeys: "通行密钥", "通行密鑰", "Passkeys";
    PasskeysNone: "还没有通行密钥", "還沒有通行密鑰", "No passkeys yet";
    PasskeysElsewhere: "此处不能使用通行密钥：须以域名打开页面，浏览器也要支持", "此處不能使用通行密鑰：須以域名打開頁面，瀏覽器也要支持", "Passkeys cannot be used here: the page must be opened by a domain name, in a browser that knows them";
    PasskeyName: "给它起名，如：办公室电脑", "給它起名，如：辦公室電腦", "A name, such as: office computer";
    PasskeyNotAdded: "没有添加：已取消，或此设备上已有", "沒有添加：已取消，或此設備上已有", "Not added: cancelled, or already on this device";
    AddPasskey: "添加通行密钥", "添加通行密鑰", "Add a passkey";
    EndPasskey: "删除", "刪除", "Remove";
    LastUsed: "上次使用", "上次使用", "Last used";
    NeverUsed: "还没有用过", "還沒有用過", "Never used";
    CodeOn: "已启用：登录时要输入验证器应用中的 6 位数字", "已啟用：登錄時要輸入驗證器應用中的 6 位數字", "On: signing in asks for the 6 digits of your authenticator app";
    CodeOff: "没有启用", "沒有啟用", "Off";
    SetCode: "启用动态验证码", "啟用動態驗證碼", "Ask for codes";
    EndCode: "停用动态验证码", "停用動態驗證碼", "Ask for no codes";
    ScanCode: "用验证器应用扫描二维码，或把密钥抄进去；再输入它显示的 6 位数字。启用后，其他浏览器和设备上的登录会结束，本机保持登录。", "用驗證器應用掃描二維碼，或把密鑰抄進去；再輸入它顯示的 6 位數字。啟用後，其他瀏覽器和設備上的登錄會結束，本機保持登錄。", "Scan the picture with your authenticator app, or copy the key into it; then type the 6 digits it shows. Other browsers and devices are signed out then; this one stays signed in.";
    CodePicture: "二维码", "二維碼", "QR code";
    ConfirmCode: "确认", "確認", "Confirm";
    ChangePassword: "修改密码", "修改密碼", "Change password";
    ChangePasswordHint: "修改后，其他浏览器和设备上的登录会结束，本机保持登录。", "修改後，其他瀏覽器和設備上的登錄會結束，本機保持登錄。", "Other browsers and devices are signed out then; this one stays signed in.";
    PasswordToBe: "新密码（至少 8 位）", "新密碼（至少 8 位）", "New password (8 characters at least)";
    PasswordToBeAgain: "再输一次新密码", "再輸一次新密碼", "New password again";
    PasswordsDiffer: "两次输入的新密码不一样", "兩次輸入的新密碼不一樣", "The two new passwords differ";
    PasswordIsChanged: "密码已修改，其他登录已结束", "密碼已修改，其他登錄已結束", "Your password has changed; other sessions have ended";
    WaysDone: "登录方式已更改", "登錄方式已更改", "Your ways to sign in have changed";
    SignedInDevices: "已登录的设备", "已登錄的設備", "Signed-in devices";
    EndSession: "退出此设备", "退出此設備", "Sign it out";
    CertifiedDevices: "登录过的电脑和手机", "登錄過的電腦和手機", "Computers and phones";
    DevicesHint: "每台设备用自己的密钥给记录签名。设备丢失就停止使用：此前服务器收到的记录照样有效，此后的不计入", "每臺設備用自己的密鑰給記錄簽名。設備丟失就停止使用：此前服務器收到的記錄照樣有效，此後的不計入", "Each device signs its records with its own key. Stop a lost one: what the server had counts, nothing later does";
    ThisDevice: "本机", "本機", "this one";
    DeviceWord: "一台设备", "一臺設備", "A device";
    LastContact: "最近联系", "最近聯繫", "last contact";
    DeviceSince: "登记日期", "登記日期", "registered";
    DeviceEndedWord: "已停止使用", "已停止使用", "stopped";
    EndDevice: "停止使用", "停止使用", "Stop using it";
    PressAgain: "再点一次确认", "再點一次確認", "Press again to confirm";
    Leaves: "离任（停用账号）…", "離任（停用賬號）…", "Leaves (ends the account)…";
    LeavesHint: "离任后不能再登录，名下设备一并停止使用；以前的记录保留", "離任後不能再登錄，名下設備一併停止使用；以前的記錄保留", "No more sign-in, and the devices are stopped; former records stay";
    Audit: "审计", "審計", "Audit";
    AuditTrail: "审计记录", "審計記錄", "Audit trail";
    AuditHint: "记录首尾相接并由服务器签名，只增不改，可以核对", "記錄首尾相接並由服務器簽名，只增不改，可以核對", "Records are chained and signed by the server, and never changed; they can be checked";
    AuditAct: "事项", "事項", "What";
    AuditTime: "时间", "時間", "When";
    AuditPerson: "人员", "人員", "Who";
    AuditDetails: "内容", "內容", "Details";
    RunningNumber: "序号", "序號", "No.";
    AllActs: "全部事项", "全部事項", "Everything";
    Costs: "谁占用最多", "誰佔用最多", "Who uses most";
    CostsHint: "此刻占用服务器最多的人和网络地址，最多列 50 个；结束登录后本人可以重新登录，没有上传的内容还在其设备上", "此刻佔用服務器最多的人和網絡地址，最多列 50 個；結束登錄後本人可以重新登錄，沒有上傳的內容還在其設備上", "The people and network addresses that use most of the server now, 50 at most; whoever is signed out may sign in again, and what was not sent is still on their device";
    CostsNobody: "现在没有人占用", "現在沒有人佔用", "Nobody uses anything now";
    CostParty: "人或网络地址", "人或網絡地址", "Person or network address";
    CostWhat: "占用的是什么", "佔用的是什麼", "Of what";
    CostUsed: "用了多少", "用了多少", "How much";
    CostSockets: "打开的连接", "打開的連接", "Open connections";
    EndSessions: "结束其登录", "結束其登錄", "Sign them out";
    SessionsAreEnded: "已结束其登录", "已結束其登錄", "Signed out";
    NotCountedEntries: "未计入的记录", "未計入的記錄", "Records that do not count";
    KeptHere: "本机保存的内容都还在，登录后可以继续；没有上传的会自动上传", "本機保存的內容都還在，登錄後可以繼續；沒有上傳的會自動上傳", "What is saved on this device is still here: sign in to go on, and what was not sent yet will be sent";
    OthersUnsent: "此前登录的人还有内容没有上传，请由本人登录上传，或导出备份后清除本机", "此前登錄的人還有內容沒有上傳，請由本人登錄上傳，或導出備份後清除本機", "The person before has something that was not sent: let them sign in, or export a file and clear this device";
    Uncertified: "这台设备还没有登记，这里写的记录不会计入：", "這臺設備還沒有登記，這裡寫的記錄不會計入：", "This device is not registered; what is written here does not count:";
    ActSignIn: "登录", "登錄", "Sign-in";
    ActCodeSet: "启用动态验证码", "啟用動態驗證碼", "One-time codes set";
    ActCodeEnded: "停用动态验证码", "停用動態驗證碼", "One-time codes ended";
    ActProviderBound: "绑定统一身份", "綁定統一身份", "Unified sign-in bound";
    ActProviderUnbound: "解除统一身份绑定", "解除統一身份綁定", "Unified sign-in unbound";
    UseProvider: "登录方式：", "登錄方式：", "Sign in with ";
    UnifiedBound: "已绑定，可以用它登录", "已綁定，可以用它登錄", "Bound: it can be used to sign in";
    UnifiedFree: "尚未绑定", "尚未綁定", "Not bound";
    UnifiedBind: "绑定", "綁定", "Bind";
    UnifiedEnd: "解除绑定", "解除綁定", "Unbind";
    RefusedNotBound: "这个统一身份还没有绑定账号，请先用密码登录，再在“本机”中绑定", "這個統一身份還沒有綁定賬號，請先用密碼登錄，再在“本機”中綁定", "This identity is bound to no account; sign in with the password first and bind it under This device";
    RefusedBoundElsewhere: "这个统一身份已绑定别的账号，或者您已绑定别的统一身份", "這個統一身份已綁定別的賬號，或者您已綁定別的統一身份", "This identity is bound to another account, or you are bound to another identity";
    RefusedNoProvider: "统一身份认证暂时连不上，请稍后再试，或用密码登录", "統一身份認證暫時連不上，請稍後再試，或用密碼登錄", "Unified sign-in cannot be reached; try again later or use the password";
    RefusedTooMany: "尝试次数过多，请 5 分钟后再试", "嘗試次數過多，請 5 分鐘後再試", "Too many attempts; try again in 5 minutes";
    RefusedNotRecognised: "统一身份认证没有通过，请重试，或用密码登录", "統一身份認證沒有通過，請重試，或用密碼登錄", "Unified sign-in did not work; try again or use the password";
    ActPasskeyMade: "添加通行密钥", "添加通行密鑰", "Passkey added";
    ActPasskeyEnded: "删除通行密钥", "刪除通行密鑰", "Passkey removed";
    ActLockSet: "更改设备锁定", "更改設備鎖定", "Device lock changed";
    ActSignInRefused: "登录被拒", "登錄被拒", "Sign-in refused";
    ActSignOut: "退出登录", "退出登錄", "Sign-out";
    ActOwnSessionEnded: "结束本人在别处的登录", "結束本人在別處的登錄", "Own sign-in elsewhere ended";
    ActSessionsEnded: "结束他人的登录", "結束他人的登錄", "Somebody's sign-in ended";
    ActInvite: "邀请", "邀請", "Invitation";
    ActAccountMade: "建立账号", "建立賬號", "Account made";
    ActPasswordReset: "重设密码", "重設密碼", "Password reset";
    ActPasswordChanged: "修改密码", "修改密碼", "Password changed";
    ActRoleChanged: "调整单位或角色", "調整單位或角色", "Unit or role changed";
    ActAccountEnded: "离任", "離任", "Account ended";
    ActDeviceCertified: "设备登记", "設備登記", "Device registered";
    ActDeviceEnded: "设备停止使用", "設備停止使用", "Device stopped";
    ActRefused: "拒收", "拒收", "Refused";
    ActPublished: "发布", "發布", "Published";
    ActWithdrawn: "撤回", "撤回", "Withdrawn";
    ActExported: "导出", "導出", "Exported";
    ActTakenIn: "导入数据文件", "導入數據文件", "Bundle taken in";
    ActBackedUp: "备份", "備份", "Backup";
    LastBackup: "服务器最近一次备份：", "服務器最近一次備份：", "The server was last backed up: ";
    NeverBackedUp: "服务器还没有备份过。", "服務器還沒有備份過。", "The server was never backed up.";
    BackupHow: "请在服务器上运行：", "請在服務器上運行：", "On the server, run:";
    ActRestored: "恢复", "恢復", "Restore";
    ActDamaged: "数据损坏", "數據損壞", "Damage found";
    ActHeld: "内容过大，只能查看", "內容過大，只能查看", "Too large, read-only now";
    ActRepaired: "过大的内容已修复", "過大的內容已修復", "Too large, repaired";
    ActEndorsed: "信任另一台服务器", "信任另一臺服務器", "Another server trusted";
    ActClosed: "连接被断开", "連接被斷開", "Connection closed";
    ActRanOut: "用量达到上限", "用量達到上限", "Share used up";
    ActRequestRefused: "请求被拒绝", "請求被拒絕", "Request refused";
    ClosingFrame: "送来的内容不合格式", "送來的內容不合格式", "Sent what no device sends";
    ClosingFlood: "被拒收的内容过多", "被拒收的內容過多", "Refused too often";
    ClosingOutbox: "等它接收的内容过多", "等它接收的內容過多", "Too much waited for it";
    ClosingSilent: "长时间没有回应", "長時間沒有回應", "No answer for long";
    ClosingSlowReader: "长时间不接收内容", "長時間不接收內容", "Took nothing for long";
    ClosingSpoilt: "送来的内容损坏了正在使用的清单", "送來的內容損壞了正在使用的清單", "Spoilt a document in use";
    ClosingShare: "账号的用量达到上限", "賬號的用量達到上限", "The share of the account is used up";
    ClosingDocuments: "打开的清单过多", "打開的清單過多", "Too many documents open";
    ClosingNoRoom: "送来的内容很大，未能及时处理", "送來的內容很大，未能及時處理", "No room in time for what it sent";
    BudgetDownloads: "同时下载的文件", "同時下載的文件", "Files on their way out";
    BudgetUploads: "同时上传的文件", "同時上傳的文件", "Files on their way in";
    BudgetReadings: "同时汇总的清单", "同時匯總的清單", "Boards being summed up";
    BudgetSockets: "同时打开的连接", "同時打開的連接", "Open connections";
    BudgetParts: "正在接收或等待处理的内容", "正在接收或等待處理的內容", "Content being received or waiting its turn";
    BudgetOutbox: "等待接收的内容", "等待接收的內容", "What waits to be received";
    BudgetWaiting: "等待前文的改动", "等待前文的改動", "Changes that wait for others";
    BudgetGuesses: "登录尝试", "登錄嘗試", "Attempts to sign in";
    BudgetCodes: "动态验证码尝试", "動態驗證碼嘗試", "Attempts at one-time codes";
    BudgetKnownCodes: "登录过的浏览器上的动态验证码尝试", "登錄過的瀏覽器上的動態驗證碼嘗試", "Attempts at one-time codes in known browsers";
    BudgetCeremonies: "登录请求", "登錄請求", "Requests to sign in";
    BudgetAnswers: "通行密钥和统一身份认证的应答", "通行密鑰和統一身份認證的應答", "Answers of passkeys and unified sign-in";
    BudgetSignIns: "登录次数", "登錄次數", "Sign-ins";
    BudgetPasswords: "近一小时更换密码的次数", "近一小時更換密碼的次數", "Password changes within an hour";
    BudgetConfirmations: "再次输入密码的次数", "再次輸入密碼的次數", "Passwords said again";
    BudgetHashings: "同时核对的密码", "同時核對的密碼", "Passwords being checked";
    BudgetActs: "同时办理的账号、设备和发布操作", "同時辦理的賬號、設備和發佈操作", "Acts on accounts, devices and editions under way";
    BudgetConnections: "同时接入的网络连接", "同時接入的網絡連接", "Open network connections";
    BudgetOperations: "近一天写入的改动", "近一天寫入的改動", "Changes written within a day";
    BudgetBytes: "近一天写入的内容", "近一天寫入的內容", "Bytes written within a day";
    BudgetActors: "近一天写入的设备", "近一天寫入的設備", "Devices that have written within a day";
    BudgetLevelling: "近十分钟取回的资料", "近十分鐘取回的資料", "Data fetched within ten minutes";
    BudgetDevices: "当天登记的设备", "當天登記的設備", "Devices registered within a day";
    BudgetFiles: "本单位附件的容量", "本單位附件的容量", "Space for files of the unit";
    BudgetBegun: "没有传完的文件", "沒有傳完的文件", "Files not sent to the end";
    BudgetEditions: "当天公布的次数", "當天公佈的次數", "Editions published within a day";
    RebuffForbidden: "没有此权限", "沒有此權限", "Without the right";
    RebuffForeign: "来自其他网站", "來自其他網站", "From another site";
    RebuffUnproven: "密码、验证码或通行密钥不对", "密碼、驗證碼或通行密鑰不對", "Wrong password, code or passkey";
    RebuffSpoilt: "文件内容与标识不符", "文件內容與標識不符", "A file is not what its name says";
    RefusalUnknown: "没有要找的内容", "沒有要找的內容", "No such document";
    RefusalInvalid: "不符合记录规则", "不符合記錄規則", "Breaks a rule of records";
    RefusalTooLarge: "内容过大", "內容過大", "Too large";
    RefusalPlanSettled: "清单已定稿", "清單已定稿", "The plan is settled";
    OnceMore: "次", "次", " times";
    WithinTheHour: "1 小时内共", "1 小時內共", "within an hour: ";
    FromThen: "自", "自", "since ";
    MyMatters: "我的事项", "我的事項", "My matters";
    MyMattersHint: "涉及本企业的项目和事项。写下的内容先保存在本机，有网络时送达", "涉及本企業的項目和事項。寫下的內容先保存在本機，有網絡時送達", "Projects and matters that name this firm. What is written is kept here first and sent when there is a network";
    MyMattersNone: "还没有涉及本企业的事项", "還沒有涉及本企業的事項", "No matter names this firm yet";
    AsOf: "截至", "截至", "As of";
    AskAgain: "刷新", "刷新", "Ask again";
    ToUnits: "向有关单位说明", "向有關單位說明", "Say to the units";
    NotReceived: "等待送达", "等待送達", "Not received yet";
    SaidBetween: "往来记录", "往來記錄", "What was said";
    LedBy: "牵头", "牽頭", "Led by";
    SignOut: "退出登录", "退出登錄", "Sign out";
    SignOutHint: "退出时会清除本机的全部内容", "退出時會清除本機的全部內容", "Everything on this device is removed";
    UnsentWarning: "还有内容没有上传，请先导出备份；再点一次仍要退出", "還有內容沒有上傳，請先導出備份；再點一次仍要退出", "Something is not sent yet; export a file first. Press again to sign out anyway";
    UnitList: "单位", "單位", "Units";
    NewUnit: "新增单位", "新增單位", "New unit";
    Group: "单位组", "單位組", "Group";
    Alias: "别名、旧称", "別名、舊稱", "Alias or old name";
    AddMember: "添加成员", "添加成員", "Add a member";
    People: "人员", "人員", "People";
    RoleWord: "角色", "角色", "Role";
    Invite: "生成邀请链接", "生成邀請鏈接", "Make an invitation";
    InviteLink: "一次性链接，7 天内有效：", "一次性鏈接，7 天內有效：", "Single-use link, for 7 days:";
    ResetPassword: "重设密码", "重設密碼", "Reset password";
    StepFailed: "刚才这一步没有做成，原因记在“本机”的“错误记录”里。", "剛才這一步沒有做成，原因記在“本機”的“錯誤記錄”裏。", "That did not work; the reason is under Error records on the page This device.";
    FaultRecords: "错误记录", "錯誤記錄", "Error records";
    FaultRecordsHint: "只留在这台设备上，不会自动发出。可以复制给管理员。", "只留在這台設備上，不會自動發出。可以複製給管理員。", "Kept on this device only and never sent. They can be copied for the administrator.";
    CopyFault: "复制错误信息", "複製錯誤信息", "Copy the error report";
    ClearFaults: "清除错误记录", "清除錯誤記錄", "Clear error records";
    Copied: "已复制。", "已複製。", "Copied.";
    NotCopied: "浏览器不让复制，已存成文件。", "瀏覽器不讓複製，已存成文件。", "The browser does not copy; a file was saved instead.";
    RestoredAt: "{t} 服务器从备份恢复过，本机保存的内容没有丢失", "{t} 服務器從備份恢復過，本機保存的內容沒有丟失", "The server was restored from a backup on {t}; nothing kept on this device is lost";
    OutEdits: "{n} 处改动", "{n} 處改動", "{n} edits";
    OutEntries: "{n} 条记录", "{n} 條記錄", "{n} entries";
    OutFiles: "{n} 个附件", "{n} 個附件", "{n} files";
    ServerRestored: "服务器从备份恢复过。本机保存的内容都在，正在补送给服务器。", "服務器從備份恢復過。本機保存的內容都在，正在補送給服務器。", "The server was restored from a backup. Everything kept on this device is still here and is being sent again.";
    OpenDoubts: "还有 {n} 处存疑没有核对", "還有 {n} 處存疑沒有核對", "{n} doubts are not answered yet";
    CannotKeep: "这台设备现在存不下内容，可能是无痕窗口、空间已满，或者浏览器不让本页保存。请先不要填写：换普通窗口或清出空间，再刷新。没有存下的内容，关掉页面就没有了。", "這台設備現在存不下內容，可能是無痕窗口、空間已滿，或者瀏覽器不讓本頁保存。請先不要填寫：換普通窗口或清出空間，再刷新。沒有存下的內容，關掉頁面就沒有了。", "This device cannot keep anything now: a private window, a full disk, or a browser that does not let this page store. Please write nothing yet; use an ordinary window or free some space, then reload. What is not kept is gone when the page is closed.";
    LackSecure: "这个地址不是 https，浏览器不让它离线打开：没有网络时打不开本页。内容照样存在本机并同步。要离线使用，请向管理员要 https 地址。", "這個地址不是 https，瀏覽器不讓它離線打開：沒有網絡時打不開本頁。內容照樣存在本機並同步。要離線使用，請向管理員要 https 地址。", "This address is not https, so the browser does not open it offline. Work is still kept here and synced. For offline use ask the administrator for the https address.";
    LackWorker: "这个浏览器不让本页离线打开，例如在无痕窗口和旧浏览器里。请换普通窗口，或升级浏览器。", "這個瀏覽器不讓本頁離線打開，例如在無痕窗口和舊瀏覽器裏。請換普通窗口，或升級瀏覽器。", "This browser does not open the page offline, as in private windows and old browsers. Use an ordinary window or a newer browser.";
    LackTabs: "这个浏览器的几个标签页之间不通消息。请只开一个标签页。", "這個瀏覽器的幾個標籤頁之間不通消息。請只開一個標籤頁。", "Tabs of this browser do not hear each other. Please keep one tab only.";
    LackClipboard: "浏览器不让本页使用剪贴板。复制时如果没有成功，文字会选好，请按 Ctrl+C。", "瀏覽器不讓本頁使用剪貼板。複製時如果沒有成功，文字會選好，請按 Ctrl+C。", "The browser keeps the clipboard from this page. Where copying fails the text is selected: press Ctrl+C.";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_word_is_empty_and_none_is_technical() {
        for word in Word::ALL {
            for lang in Lang::ALL {
                let text = word.text(lang);
                assert!(!text.trim().is_empty(), "{word:?}");
                for technical in ["CRDT", "automerge", "IndexedDB", "WebSocket", "JSON", "undefined"] {
                    assert!(!text.contains(technical), "{word:?} says {technical}");
                }
            }
        }
    }

    /// Words of the machine or of statistics for which a clerk says something else.
    #[test]
    fn no_word_is_one_that_no_clerk_would_say() {
        let foreign = [
            "口径待核",
            "第几版",
            "版次",
            "规则与汇总",
            "下级",
            "条目",
            "停用这条",
            "待裁定",
            "文档",
            "改动数",
            "认证设备",
            "注销设备",
            "未承诺",
            "急的在前",
            "本次新增",
            "累计到现在",
            "参与单位",
            "一组单位\"",
        ];
        for word in Word::ALL {
            let text = word.text(Lang::Hans);
            assert!(!foreign.iter().any(|one| text.contains(one)), "{word:?} says {text}");
        }
    }

    #[test]
    fn traditional_words_fold_to_the_simplified_ones() {
        for word in Word::ALL {
            let folded = crate::text::folded_text(word.text(Lang::Hant));
            assert_eq!(folded, crate::text::folded_text(word.text(Lang::Hans)), "{word:?}");
        }
    }
}
