//! Commands that read one file and print what they found: official documents, templates, bundles.

use crate::carry::{Reader, Source, source};
use std::io::{BufRead, Read, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use tongban_shared::import as reading;
use tongban_shared::limits::EDITION_BYTES;
use tongban_shared::office::{Answer, Job};
use tongban_shared::publication::SignedEdition;
use tongban_shared::text::line_text;
use tongban_shared::trust::{BundleWriter, PublicKey, examine};

#[derive(clap::Args)]
pub struct Import {
    /// A .txt, .docx, .xlsx, .csv or .pdf file; `-` for text on standard input
    file: PathBuf,
    /// Print JSON on standard output and nothing else
    #[arg(long)]
    json: bool,
}

#[derive(clap::Args)]
pub struct Verify {
    /// A file that `本机` or `bundle out` wrote, or an edition with its signature (`.signed.json` of a
    /// public page); `-` for standard input
    file: PathBuf,
    /// Public key of the server that is trusted, 64 digits, as `admin authority` prints it
    #[arg(long)]
    authority: Option<PublicKey>,
}

pub fn import(options: &Import) -> ExitCode {
    let refuse = |words: String| {
        eprintln!("tongban import: {}", line_text(&words));
        ExitCode::from(2)
    };
    let bytes = match read_file(&options.file, tongban_office::MAX_FILE) {
        Ok(bytes) => bytes,
        Err(error) => return refuse(format!("无法读取 {}：{error}", options.file.display())),
    };
    let words = match words_of(&options.file, &bytes) {
        Ok(words) => words,
        Err(words) => return refuse(words),
    };
    let draft = match reading::text_of_bytes(words.as_bytes()).and_then(reading::read) {
        Ok(draft) => draft,
        Err(error) => return refuse(error.to_string()),
    };
    let text = if options.json {
        reading::to_json(&draft).map(|json| json + "\n").unwrap_or_default()
    } else {
        reading::outline_text(&draft)
    };
    // A reader that closes the pipe early is no failure.
    let _ = std::io::stdout().write_all(text.as_bytes());
    ExitCode::SUCCESS
}

/// The words of a file, as the browser's worker reads them. A text is a text whatever its name ends in.
fn words_of(file: &Path, bytes: &[u8]) -> Result<String, String> {
    let name = file.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let known = reading::FILES.iter().chain(&[".md", ".tsv", ".xlsm", ".doc", ".xls", ".wps"]);
    let is_known = known.into_iter().any(|ending| name.to_lowercase().ends_with(ending));
    let job = Job::Text { name: if is_known { name } else { format!("{name}.txt") } };
    if bytes.is_empty() {
        return Ok(String::new());
    }
    // A damaged file ends its reading and nothing else.
    std::panic::set_hook(Box::new(|_| ()));
    let answer = std::panic::catch_unwind(|| tongban_office::run(&job, bytes).0);
    let _ = std::panic::take_hook();
    match answer {
        Ok(Answer::Text(text)) => Ok(text.words),
        Ok(Answer::Problem(words)) => Err(words),
        _ => Err("文件已损坏或不是所说的格式".to_owned()),
    }
}

pub fn template(file: &Path) -> ExitCode {
    let refuse = |words: String| {
        eprintln!("tongban template: {}", line_text(&words));
        ExitCode::from(2)
    };
    let source = match read_file(file, tongban_shared::limits::TEMPLATE_BYTES).map(String::from_utf8) {
        Ok(Ok(source)) => source,
        Ok(Err(_)) => return refuse("这不是 UTF-8 文本文件".to_owned()),
        Err(error) => return refuse(format!("无法读取 {}：{error}", file.display())),
    };
    match tongban_shared::template::parse(&source) {
        Ok(template) => {
            let (items, rules) = (template.items.len(), template.rules.len());
            let name = &template.name.0[0];
            let (name, id) = (line_text(name), line_text(&template.id));
            println!("{name}（{id}，第 {} 版）：{items} 种条目，{rules} 条规则，可以使用", template.version);
            for one in tongban_shared::template::advice(&template) {
                println!("请看看：{}", line_text(&one.to_string()));
            }
            ExitCode::SUCCESS
        }
        Err(error) => refuse(error.to_string()),
    }
}

/// Reads at most one byte more than is taken.
pub fn read_file(file: &Path, most: usize) -> std::io::Result<Vec<u8>> {
    let source: Box<dyn Read> = if file == Path::new("-") {
        Box::new(std::io::stdin())
    } else {
        Box::new(std::fs::File::open(file)?)
    };
    let mut bytes = Vec::new();
    source.take(most as u64 + 1).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// The same of an edition that was kept with its signature (`.signed.json` of a public page).
fn verify_edition(from: Source, authority: Option<PublicKey>) -> ExitCode {
    let mut text = Vec::new();
    let read = from.take(EDITION_BYTES as u64).read_to_end(&mut text).ok();
    let signed = read.and_then(|_| serde_json::from_slice::<SignedEdition>(&text).ok());
    let Some(signed) = signed else {
        eprintln!("tongban verify: 这不是带签名的公开清单");
        return ExitCode::from(2);
    };
    let Some((edition, key)) = signed.open() else {
        println!("签名不符：内容被改过，或不是这把密钥签的");
        return ExitCode::FAILURE;
    };
    let title = line_text(&edition.title);
    println!("{title}，第 {} 版，数据截至 {}", edition.edition, edition.date);
    println!("服务器公钥：{key}");
    match authority {
        Some(trusted) if trusted != key => {
            println!("不是指定的服务器签的");
            return ExitCode::FAILURE;
        }
        Some(_) => println!("签名有效"),
        None => println!("签名有效，但没有指定 --authority：不能证明出自哪台服务器"),
    }
    ExitCode::SUCCESS
}

/// Prints what holds; ends with 1 when something does not count, with 2 when nothing can be said.
pub fn verify(options: &Verify) -> ExitCode {
    let refuse = |words: String| {
        eprintln!("tongban verify: {}", line_text(&words));
        ExitCode::from(2)
    };
    let edition = source(&options.file).and_then(|mut from| {
        let edition = from.fill_buf()?.first() == Some(&b'{');
        Ok((from, edition))
    });
    let bundle = match edition {
        Ok((from, true)) => return verify_edition(from, options.authority),
        Ok((from, false)) => Reader::read(from),
        Err(error) => Err(error),
    };
    let bundle = match bundle {
        Ok(bundle) => bundle,
        Err(error) => return refuse(format!("{error:#}")),
    };
    let examined = match examine(bundle.changes(), options.authority) {
        Ok(examined) => examined,
        Err(error) => return refuse(error.to_string()),
    };
    println!("空间：{}，设备证书 {} 份", examined.space, examined.devices);
    println!("服务器公钥：{}", examined.authority);
    if options.authority.is_none() {
        println!("没有指定 --authority：只能证明文件前后一致，不能证明出自哪台服务器");
    }
    match (&examined.writer, &examined.unit) {
        (BundleWriter::Server, _) => println!("由这台服务器整体签名"),
        (BundleWriter::Device(device), unit) => {
            let unit = line_text(unit.as_deref().unwrap_or_default());
            println!("由{unit}的设备 {} 整体签名", device.device);
        }
        (BundleWriter::Nobody, _) => {
            println!("没有可信的整体签名：空间和清单的内容可能被改过，只有有签名的记录可以证明");
        }
    }
    for board in &examined.boards {
        println!(
            "{}：有签名 {} 条，无签名（不具约束力）{} 条，不计入 {} 条",
            line_text(&board.title),
            board.signed,
            board.unsigned,
            board.doubtful.len()
        );
        for (unit, entry, doubt) in &board.doubtful {
            let words: String = entry.body.chars().take(40).collect();
            let (unit, words) = (line_text(unit), line_text(&words));
            println!("    {unit} {} {}：{doubt}  {words}", entry.id, entry.kind.word());
        }
    }
    let unsigned: usize = examined.boards.iter().map(|board| board.unsigned).sum();
    if examined.is_whole() {
        match unsigned {
            0 => println!("全部签名有效"),
            some => println!("签名全部有效；另有 {some} 条记录没有签名，不具约束力"),
        }
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}
