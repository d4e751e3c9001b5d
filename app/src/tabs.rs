//! Several tabs of one browser: one of them leads and holds the connection (Web Locks), all of
//! them tell each other their changes (BroadcastChannel).

use crate::browser::window;
use futures::channel::oneshot;
use tongban_shared::id::DocumentId;
use wasm_bindgen::JsCast;
use wasm_bindgen::prelude::*;

/// Messages between tabs.
#[derive(Debug, Clone)]
pub enum Note {
    /// A change that is on the disk.
    Chunk(DocumentId, Vec<u8>),
    /// The server has these heads of a document.
    Ack(DocumentId, Vec<[u8; 32]>),
    /// The epoch of the server's store: acknowledgements of another one are void.
    Epoch(String),
    /// The share of its bound that a document has used up, in percent; 0 while that is far off.
    Full(DocumentId, u8),
    /// How far a large document has come, in percent; 100 when it is here.
    Coming(DocumentId, u8),
    /// A document cannot be taken on this device.
    Shut(DocumentId),
    /// Whether the leading tab is connected.
    Connected(bool),
    /// A photo or file was kept on the device, or sent.
    Files,
    /// A file has brought statements, and they are on the disk.
    Brought,
    /// The server told an enterprise anew what it sees.
    Projects,
    /// A new tab asks how things are.
    Hello,
    /// The device is locked.
    Locked,
    /// Everything on this device was forgotten.
    Left,
    /// The device acts for somebody else, under another key.
    Renewed,
}

/// The channel between the tabs.
pub struct Tabs {
    channel: web_sys::BroadcastChannel,
    // Kept as long as the page: the browser calls it.
    _listener: Closure<dyn FnMut(web_sys::MessageEvent)>,
}

impl Tabs {
    /// Joins the channel; notes of the other tabs come to `heard`.
    pub fn join(heard: impl Fn(Note) + 'static) -> Result<Self, JsValue> {
        let channel = web_sys::BroadcastChannel::new("tongban")?;
        let listener = Closure::new(move |event: web_sys::MessageEvent| {
            if let Some(note) = read(&event.data()) {
                heard(note);
            }
        });
        channel.set_onmessage(Some(listener.as_ref().unchecked_ref()));
        Ok(Self { channel, _listener: listener })
    }

    /// Tells the other tabs.
    pub fn tell(&self, note: &Note) {
        // Fails only when the page is being closed.
        let _ = self.channel.post_message(&write(note));
    }
}

fn write(note: &Note) -> JsValue {
    let (kind, document, bytes) = match note {
        Note::Chunk(document, bytes) => ("chunk", document.to_string(), bytes.clone()),
        Note::Ack(document, heads) => ("ack", document.to_string(), heads.concat()),
        Note::Full(document, used) => ("full", document.to_string(), vec![*used]),
        Note::Coming(document, percent) => ("coming", document.to_string(), vec![*percent]),
        Note::Shut(document) => ("shut", document.to_string(), Vec::new()),
        Note::Epoch(epoch) => ("epoch", String::new(), epoch.clone().into_bytes()),
        Note::Connected(yes) => ("connected", String::new(), vec![u8::from(*yes)]),
        Note::Files => ("files", String::new(), Vec::new()),
        Note::Brought => ("brought", String::new(), Vec::new()),
        Note::Projects => ("projects", String::new(), Vec::new()),
        Note::Hello => ("hello", String::new(), Vec::new()),
        Note::Locked => ("locked", String::new(), Vec::new()),
        Note::Left => ("left", String::new(), Vec::new()),
        Note::Renewed => ("renewed", String::new(), Vec::new()),
    };
    js_sys::Array::of3(&kind.into(), &document.into(), &js_sys::Uint8Array::from(bytes.as_slice())).into()
}

fn read(data: &JsValue) -> Option<Note> {
    let parts: &js_sys::Array = data.dyn_ref()?;
    let bytes = parts.get(2).dyn_into::<js_sys::Uint8Array>().ok()?.to_vec();
    let document = || parts.get(1).as_string()?.parse().ok();
    Some(match parts.get(0).as_string()?.as_str() {
        "chunk" => Note::Chunk(document()?, bytes),
        "ack" => {
            let heads = bytes.chunks_exact(32).filter_map(|head| head.try_into().ok()).collect();
            Note::Ack(document()?, heads)
        }
        "full" => Note::Full(document()?, bytes.first().copied()?),
        "coming" => Note::Coming(document()?, bytes.first().copied()?),
        "shut" => Note::Shut(document()?),
        "epoch" => Note::Epoch(String::from_utf8(bytes).ok()?),
        "connected" => Note::Connected(bytes.first() == Some(&1)),
        "files" => Note::Files,
        "brought" => Note::Brought,
        "projects" => Note::Projects,
        "hello" => Note::Hello,
        "locked" => Note::Locked,
        "left" => Note::Left,
        "renewed" => Note::Renewed,
        _ => return None,
    })
}

/// Waits until this tab leads; it leads until it is closed. Without Web Locks every tab leads,
/// which costs connections and loses nothing.
pub async fn lead() {
    let locks = js_sys::Reflect::get(&window().navigator(), &"locks".into()).ok().filter(JsValue::is_object);
    let Some(locks) = locks else { return };
    let Some(request) = js_sys::Reflect::get(&locks, &"request".into())
        .ok()
        .and_then(|f| f.dyn_into::<js_sys::Function>().ok())
    else {
        return;
    };
    let (got, wait) = oneshot::channel::<()>();
    // The promise is never fulfilled: the lock is held until the page goes.
    let held = Closure::once_into_js(move |_lock: JsValue| {
        let _ = got.send(());
        js_sys::Promise::new(&mut |_, _| {})
    });
    if request.call2(&locks, &"tongban-leader".into(), &held).is_ok() {
        let _ = wait.await;
    }
}
