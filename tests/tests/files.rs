//! Photos and files: taken in pieces, gone on with after a break, counted, given to who may see them.

use std::path::{Path, PathBuf};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpSocket, TcpStream};
use tongban_shared::access::AccountRole;
use tongban_shared::attachment::{Attachment, FileHash};
use tongban_shared::document::Kind;
use tongban_shared::edit::Edit;
use tongban_shared::entry::EntryKind;
use tongban_shared::id::DocumentId;
use tongban_shared::limits::PIECE;
use tongban_tests::client::{Client, Signer, ask, ask_bytes, demonstration, join, sign_in};
use tongban_tests::process::{Process, tongban, tongban_under};
use tongban_tests::s3::S3;
use tongban_tests::timing::memory;

/// Sends a piece; gives the status and what the server says.
async fn send(
    server: &Process,
    secret: &str,
    hash: FileHash,
    size: usize,
    at: usize,
    piece: &[u8],
) -> (u16, String) {
    let line = format!("POST /api/files/{hash}?size={size}&at={at}");
    let (status, _, body) = ask_bytes(&server.address, secret, &line, piece).await;
    (status, String::from_utf8_lossy(&body).into_owned())
}

async fn send_whole(server: &Process, secret: &str, content: &[u8]) -> (u16, String) {
    let hash = FileHash::of(content);
    let mut last = (0, String::new());
    for (number, piece) in content.chunks(PIECE).enumerate() {
        last = send(server, secret, hash, content.len(), number * PIECE, piece).await;
        if last.0 != 200 {
            break;
        }
    }
    last
}

fn photo(bytes: usize) -> Vec<u8> {
    let mut content = vec![0xff, 0xd8, 0xff, 0xe0, 0, 16, b'J', b'F', b'I', b'F', 0];
    content.extend((0..bytes).map(|number| u8::try_from(number % 251).unwrap_or_default()));
    content
}

/// The names of unfinished files, which stand in a folder of their unit.
fn begun(data: &Path) -> Vec<String> {
    let inside = |folder: PathBuf| std::fs::read_dir(folder).expect("a folder").map(|one| one.expect("read"));
    let units = inside(data.join("files/parts"));
    units
        .flat_map(|unit| inside(unit.path()))
        .map(|one| one.file_name().to_string_lossy().into_owned())
        .collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_file_is_gone_on_with_after_a_break_and_kept_whole_or_not_at_all() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut server = Process::start(folder.path()).await;
    let (secret, _) = sign_in(&server.address, "hailar").await;
    let content = photo(3 * PIECE + 7);
    let (hash, size) = (FileHash::of(&content), content.len());
    assert_eq!(send(&server, &secret, hash, size, 0, &content[..PIECE]).await.0, 200);
    // A piece that leaves a gap is refused with where to go on; so is one that was taken.
    for at in [2 * PIECE, 0] {
        let (status, said) = send(&server, &secret, hash, size, at, &content[at..at + PIECE]).await;
        assert_eq!(status, 409, "{said}");
        assert!(said.contains(&PIECE.to_string()), "{said}");
    }
    // The server is killed; what it had taken is there.
    server.kill().await;
    server = Process::start(folder.path()).await;
    let progress = format!("GET /api/files/{hash}");
    let (_, _, body) = ask_bytes(&server.address, &secret, &progress, b"").await;
    let here: serde_json::Value = serde_json::from_slice(&body).expect("an answer");
    assert_eq!((here["at"].as_u64(), here["whole"].as_bool()), (Some(PIECE as u64), Some(false)));
    for (number, piece) in content.chunks(PIECE).enumerate().skip(1) {
        assert_eq!(send(&server, &secret, hash, size, number * PIECE, piece).await.0, 200);
    }
    let (_, _, body) = ask_bytes(&server.address, &secret, &progress, b"").await;
    assert!(String::from_utf8_lossy(&body).contains("\"whole\":true"));
    // Content that is not what its name says is not kept, and can be begun anew.
    let other = photo(100);
    let (status, said) = send(&server, &secret, FileHash::of(b"another"), other.len(), 0, &other).await;
    assert_eq!(status, 422, "{said}");
    assert!(said.contains("不符"), "{said}");
    let parts = std::fs::read_dir(folder.path().join("files/parts")).expect("parts").count();
    assert_eq!(parts, 0, "nothing is left over");
    // A piece of what was never begun leaves nothing either.
    let never = FileHash::of(b"never begun");
    let (status, said) = send(&server, &secret, never, 20 << 20, PIECE, &content[..1]).await;
    assert_eq!((status, said.contains("0 字节")), (409, true), "{said}");
    assert_eq!(std::fs::read_dir(folder.path().join("files/parts")).expect("parts").count(), 0);
    // The oldest that one person has begun goes for the newest, so that colleagues have room; it is begun anew.
    for number in 0..30_u8 {
        let (status, said) = send(&server, &secret, FileHash::of(&[number]), 2, 0, b"1").await;
        assert_eq!(status, 200, "{number}: {said}");
    }
    assert_eq!(begun(folder.path()).len(), 20);
    let (first, last) = (FileHash::of(&[0]), FileHash::of(&[29]));
    assert_eq!(send(&server, &secret, first, 2, 1, b"1").await.0, 409, "it was dropped");
    assert_eq!(send(&server, &secret, last, 2, 1, b"1").await.0, 422, "it goes on, and is not what it says");
    // A colleague spoils nothing that another has begun, and is named for what they spoil; one piece that is all is
    // never too many.
    let link = tongban(folder.path(), &["admin", "invite", "海拉尔区人民政府", "--role", "reporter"]).await;
    let colleague = join(&server.address, &link, "colleague").await;
    let next = FileHash::of(b"12");
    for early in [false, true] {
        let expected = if early { 409 } else { 200 };
        assert_eq!(send(&server, &secret, next, 2, 0, b"1").await.0, expected);
        if early {
            assert_eq!(send(&server, &colleague, next, 2, 0, b"x").await.0, 200);
            assert_eq!(send(&server, &colleague, next, 2, 1, b"x").await.0, 422);
        } else {
            assert_eq!(send(&server, &colleague, next, 2, 1, b"x").await.0, 409, "it has begun nothing");
        }
    }
    assert_eq!(send(&server, &colleague, next, 2, 0, b"1").await.0, 200);
    let (status, said) = send(&server, &secret, next, 2, 1, b"2").await;
    assert!(status == 200 && said.contains("\"whole\":true"), "{said}");
    let of_next = |name: &String| name.contains(&next.to_string());
    assert!(!begun(folder.path()).iter().any(of_next), "nothing is left of what is whole");
    let (office, _) = sign_in(&server.address, "office").await;
    let (_, me) = ask(&server.address, &colleague, "GET /api/session", "").await;
    let me: serde_json::Value = serde_json::from_str(&me).expect("me");
    let (_, told) = ask(&server.address, &office, "GET /api/audit?act=request_refused", "").await;
    let told: Vec<serde_json::Value> = serde_json::from_str(&told).expect("records");
    let spoilt = |one: &serde_json::Value| one["about"]["why"] == "spoilt" && one["by"] == me["person"];
    assert!(told.iter().any(spoilt), "{told:#?}");
    assert_eq!(send_whole(&server, &colleague, &photo(200)).await.0, 200);
    // Too much at once, too much altogether, no name of a content.
    let large = vec![0; PIECE + 1];
    assert_eq!(send(&server, &secret, FileHash::of(&large), large.len(), 0, &large).await.0, 413);
    assert_eq!(send(&server, &secret, hash, 21 << 20, 0, &content[..9]).await.0, 413);
    let (status, _, _) =
        ask_bytes(&server.address, &secret, "GET /api/files/..%2F..%2Ftongban.db", b"").await;
    assert_eq!(status, 422);
    server.kill().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_file_is_given_to_who_may_read_its_entry_and_never_runs() {
    let folder = tempfile::tempdir().expect("a folder");
    let server = Process::start(folder.path()).await;
    let address = server.address.clone();
    let (secret, _) = sign_in(&address, "hailar").await;
    let (office, _) = sign_in(&address, "office").await;
    let (mut client, board) = demonstration(&address, "hailar").await;
    let (picture, page) = (photo(500), b"<html><script>alert(1)</script></html>".to_vec());
    for content in [&picture, &page] {
        let (status, said) = send_whole(&server, &secret, content).await;
        assert_eq!(status, 200, "{said}");
    }
    let get = |content: &[u8]| format!("GET /api/boards/{board}/files/{}", FileHash::of(content));
    // Before an entry names it, only its own unit has it.
    assert_eq!(ask_bytes(&address, &secret, &get(&picture), b"").await.0, 200);
    assert_eq!(ask_bytes(&address, &office, &get(&picture), b"").await.0, 404);
    let mut signer = Signer::new(&address, &secret).await;
    assert_eq!(signer.certify(&address, &secret).await, 200);
    let log = DocumentId::log(board, signer.unit);
    client.open(log, Kind::Log).await;
    let file = |content: &[u8], name: &str, picture| Attachment {
        hash: FileHash::of(content),
        name: name.to_owned(),
        bytes: content.len() as u64,
        picture,
    };
    let entry = signer.entry(board, EntryKind::Report, |entry| {
        entry.body = "现场照片".to_owned();
        entry.attachments = Some(vec![file(&picture, "现场.jpg", true), file(&page, "说明.jpg", true)]);
    });
    let hash = client.edit(log, &Edit::AddEntry { id: entry.id, bytes: entry.to_bytes() }).await;
    client.until("the entry", |client| client.acknowledged[&log].contains(&hash)).await;
    let (status, head, body) = ask_bytes(&address, &office, &get(&picture), b"").await;
    assert_eq!((status, body == picture), (200, true));
    let head = head.to_lowercase();
    assert!(
        head.contains("content-type: image/jpeg") && head.contains("content-disposition: inline"),
        "{head}"
    );
    assert!(head.contains("sandbox") && head.contains("nosniff"), "{head}");
    // Whatever an entry calls it: what is no picture is saved, not shown.
    let (status, head, _) = ask_bytes(&address, &office, &get(&page), b"").await;
    let head = head.to_lowercase();
    assert_eq!(status, 200);
    assert!(
        head.contains("application/octet-stream") && head.contains("content-disposition: attachment"),
        "{head}"
    );
    // A unit that the board does not concern has nothing; neither has nobody.
    let link = tongban(folder.path(), &["admin", "invite", "市信访局", "--role", "editor"]).await;
    let stranger = join(&address, &link, "stranger").await;
    assert_eq!(ask_bytes(&address, &stranger, &get(&picture), b"").await.0, 404);
    assert_eq!(ask_bytes(&address, "nobody", &get(&picture), b"").await.0, 401);
    // A hash alone tells nobody anything of its file.
    let (other, _) = sign_in(&address, "jiaoyu").await;
    let (_, _, body) =
        ask_bytes(&address, &other, &format!("GET /api/files/{}", FileHash::of(&picture)), b"").await;
    assert!(String::from_utf8_lossy(&body).contains("\"whole\":false"), "nothing is told of files of others");
    // A reader sends nothing.
    let link = tongban(
        folder.path(),
        &["admin", "invite", "海拉尔区人民政府", "--role", AccountRole::Reader.word()],
    )
    .await;
    let reader = join(&address, &link, "reader").await;
    assert_eq!(ask_bytes(&address, &reader, &get(&picture), b"").await.0, 200);
    assert_eq!(send_whole(&server, &reader, &photo(9)).await.0, 403);
    server.kill().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_backup_holds_the_files_and_gives_them_back() {
    let (folder, new) = (tempfile::tempdir().expect("a folder"), tempfile::tempdir().expect("a folder"));
    let server = Process::start(folder.path()).await;
    let (secret, _) = sign_in(&server.address, "hailar").await;
    let content = photo(PIECE + 100);
    assert_eq!(send_whole(&server, &secret, &content).await.0, 200);
    let backup = new.path().join("backup.db");
    let file = backup.to_str().expect("a path");
    tongban(folder.path(), &["backup", file]).await;
    server.kill().await;
    let restored = new.path().join("data");
    tongban(&restored, &["restore", file]).await;
    let server = Process::start(&restored).await;
    let (_, board) = demonstration(&server.address, "hailar").await;
    let (secret, _) = sign_in(&server.address, "hailar").await;
    let line = format!("GET /api/boards/{board}/files/{}", FileHash::of(&content));
    let (status, _, body) = ask_bytes(&server.address, &secret, &line, b"").await;
    assert_eq!((status, body == content), (200, true));
    server.kill().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_files_of_a_unit_are_counted_and_capped() {
    let folder = tempfile::tempdir().expect("a folder");
    let server =
        Process::start_with(folder.path(), &["--demo", "--listen", "127.0.0.1:0", "--files-of-a-unit", "2"])
            .await;
    let (secret, _) = sign_in(&server.address, "hailar").await;
    let link = tongban(folder.path(), &["admin", "invite", "海拉尔区人民政府", "--role", "reporter"]).await;
    let colleague = join(&server.address, &link, "colleague").await;
    let first = photo(700 << 10);
    assert_eq!(send_whole(&server, &secret, &first).await.0, 200);
    // The same one again takes no more.
    assert_eq!(send_whole(&server, &secret, &first).await.0, 200);
    let (status, said) = send_whole(&server, &secret, &photo((700 << 10) + 1)).await;
    assert_eq!(status, 413, "{said}");
    assert!(said.contains("您上传的附件已满"), "one person leaves half of it to colleagues: {said}");
    // Nor does the share grow by one file that is begun in many sizes.
    let piece = photo(100);
    let begun = FileHash::of(b"begun");
    assert_eq!(send(&server, &secret, begun, 200 << 10, 0, &piece).await.0, 200);
    assert_eq!(send(&server, &secret, begun, (200 << 10) + 1, 0, &piece).await.0, 413);
    assert_eq!(send_whole(&server, &colleague, &photo((700 << 10) + 2)).await.0, 200);
    let (link, more) = (
        tongban(folder.path(), &["admin", "invite", "海拉尔区人民政府", "--role", "reporter"]).await,
        500 << 10,
    );
    let third = join(&server.address, &link, "third").await;
    let (status, said) = send_whole(&server, &third, &photo(more)).await;
    assert_eq!(status, 413, "{said}");
    assert!(said.contains("本单位的附件已满"), "{said}");
    // Another unit has its own share.
    let (other, _) = sign_in(&server.address, "jiaoyu").await;
    assert_eq!(send_whole(&server, &other, &photo((700 << 10) + 1)).await.0, 200);
    server.kill().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_entry_with_too_many_files_is_no_entry() {
    let folder = tempfile::tempdir().expect("a folder");
    let server = Process::start(folder.path()).await;
    let (secret, _) = sign_in(&server.address, "hailar").await;
    let (mut client, board): (Client, _) = demonstration(&server.address, "hailar").await;
    let mut signer = Signer::new(&server.address, &secret).await;
    assert_eq!(signer.certify(&server.address, &secret).await, 200);
    let log = DocumentId::log(board, signer.unit);
    client.open(log, Kind::Log).await;
    let entry = signer.entry(board, EntryKind::Report, |entry| {
        let one = |number: u8| Attachment {
            hash: FileHash::of(&[number]),
            name: "图".to_owned(),
            bytes: 1,
            picture: true,
        };
        entry.attachments = Some((0..10).map(one).collect());
    });
    client.edit(log, &Edit::AddEntry { id: entry.id, bytes: entry.to_bytes() }).await;
    client.until("the refusal", |client| !client.refused.is_empty()).await;
    server.kill().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn files_are_kept_in_a_store_that_speaks_s3() {
    let (folder, new) = (tempfile::tempdir().expect("a folder"), tempfile::tempdir().expect("a folder"));
    let store = S3::start().await;
    let options = ["--demo", "--listen", "127.0.0.1:0", "--files", "s3://bucket/tongban"];
    let server = Process::start_under(folder.path(), &options, &store.environment()).await;
    let (secret, _) = sign_in(&server.address, "hailar").await;
    let content = photo(PIECE + 100);
    let hash = FileHash::of(&content);
    // The store is away when the last piece has come: nothing is said to be kept, and it goes on later.
    store.fail(true);
    let (status, said) = send_whole(&server, &secret, &content).await;
    assert_eq!(status, 500, "{said}");
    assert!(said.contains("系统暂时不能处理"), "{said}");
    assert!(store.objects().is_empty());
    store.fail(false);
    // Only the last piece goes again.
    let (_, _, body) = ask_bytes(&server.address, &secret, &format!("GET /api/files/{hash}"), b"").await;
    assert!(String::from_utf8_lossy(&body).contains(&format!("\"at\":{PIECE}")), "{body:?}");
    let (status, said) = send(&server, &secret, hash, content.len(), PIECE, &content[PIECE..]).await;
    assert_eq!(status, 200, "{said}");
    let objects = store.objects();
    let name = format!("tongban/{}/{hash}", &hash.to_string()[..2]);
    assert_eq!(objects.keys().collect::<Vec<_>>(), [&name]);
    assert_eq!(objects[&name], content);
    let (_, board) = demonstration(&server.address, "hailar").await;
    let line = format!("GET /api/boards/{board}/files/{hash}");
    let (status, head, body) = ask_bytes(&server.address, &secret, &line, b"").await;
    assert_eq!((status, body == content), (200, true));
    assert!(head.to_lowercase().contains("content-security-policy: default-src 'none'; sandbox"), "{head}");

    // A backup takes the files along, into a folder; from there they come back into a folder.
    let backup = new.path().join("backup.db");
    let file = backup.to_str().expect("a path");
    let at = ["backup", file, "--files", "s3://bucket/tongban"];
    tongban_under(folder.path(), &at, &store.environment()).await;
    server.kill().await;
    let restored = new.path().join("data");
    tongban(&restored, &["restore", file]).await;
    let server = Process::start(&restored).await;
    let (secret, _) = sign_in(&server.address, "hailar").await;
    let (status, _, body) = ask_bytes(&server.address, &secret, &line, b"").await;
    assert_eq!((status, body == content), (200, true));
    server.kill().await;
}

/// A reader that never reads: the head of the answer is all it takes, into a window of a few kilobytes.
async fn begin_to_read(address: &str, secret: &str, line: &str) -> (u16, TcpStream) {
    let socket = TcpSocket::new_v4().expect("a socket");
    socket.set_recv_buffer_size(4096).expect("a small window");
    let mut stream = socket.connect(address.parse().expect("an address")).await.expect("connects");
    let request = format!("{line} HTTP/1.1\r\nhost: {address}\r\nauthorization: Bearer {secret}\r\n\r\n");
    stream.write_all(request.as_bytes()).await.expect("written");
    let mut status = [0; 12];
    stream.read_exact(&mut status).await.expect("a status");
    (String::from_utf8_lossy(&status[9..]).parse().expect("a number"), stream)
}

/// Sixty readings of a large file by somebody who reads none of them: few are on their way, next to nothing
/// of them is in memory, and others have theirs meanwhile. A reader of nothing is let go.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_slow_reader_of_files_is_let_go_and_holds_little() {
    let folder = tempfile::tempdir().expect("a folder");
    let server = Process::start(folder.path()).await;
    let (secret, _) = sign_in(&server.address, "hailar").await;
    let (_, board) = demonstration(&server.address, "hailar").await;
    let content = photo((20 << 20) - 11);
    assert_eq!(send_whole(&server, &secret, &content).await.0, 200);
    let line = format!("GET /api/boards/{board}/files/{}", FileHash::of(&content));
    let before = memory(server.id());
    let begun = (0..60).map(|_| begin_to_read(&server.address, &secret, &line));
    let mut readers = futures::future::join_all(begun).await;
    let answered = readers.iter().filter(|(status, _)| *status == 200).count();
    let refused = readers.iter().filter(|(status, _)| *status == 429).count();
    assert_eq!((answered, refused), (6, 54));
    let grown = memory(server.id()) - before;
    assert!(grown < 24.0, "{grown:.1} MiB more");
    // Another account has its own share, and the whole of its file.
    let (other, _) = sign_in(&server.address, "jiaoyu").await;
    assert_eq!(send_whole(&server, &other, &content).await.0, 200);
    let (status, _, body) = ask_bytes(&server.address, &other, &line, b"").await;
    assert_eq!((status, body == content), (200, true));
    // Their answers are cut, and the share is there again.
    readers.retain(|(status, _)| *status == 200);
    tokio::time::sleep(Duration::from_secs(22)).await;
    for (_, mut reader) in readers {
        let left = async {
            let mut read = Vec::new();
            reader.read_to_end(&mut read).await.map_or(0, |_| read.len())
        };
        let left = tokio::time::timeout(Duration::from_secs(60), left).await.expect("it ends");
        assert!(left < content.len(), "{left} bytes came");
    }
    let (status, _, body) = ask_bytes(&server.address, &secret, &line, b"").await;
    assert_eq!((status, body == content), (200, true));
    server.kill().await;
}
