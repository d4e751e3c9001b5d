//! The browser's part of passkeys: it makes and uses them; the person unlocks them there.

use crate::browser::window;
use js_sys::{Function, JSON, Object, Promise, Reflect};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;

/// Whether passkeys can be used on this page: in a browser that reads the server's words for them,
/// on a page with a name instead of an address.
pub fn here() -> bool {
    let host = window().location().hostname().unwrap_or_default();
    let named = !host.starts_with('[') && host.parse::<std::net::Ipv4Addr>().is_err();
    named && reader("parseCreationOptionsFromJSON").is_ok() && credentials().is_ok()
}

/// Makes a passkey as the server asks; gives what the server is to keep.
pub async fn make(asked: &serde_json::Value) -> Result<String, JsValue> {
    run("create", "parseCreationOptionsFromJSON", asked).await
}

/// Uses a passkey as the server asks; gives what the server is to check.
pub async fn show(asked: &serde_json::Value) -> Result<String, JsValue> {
    run("get", "parseRequestOptionsFromJSON", asked).await
}

async fn run(act: &str, reader_name: &str, asked: &serde_json::Value) -> Result<String, JsValue> {
    let asked = JSON::parse(&asked.to_string())?;
    // The server's answer is what the standard wants below `publicKey`, with or without it.
    let inner = Reflect::get(&asked, &"publicKey".into()).ok().filter(JsValue::is_object);
    let (kind, read) = reader(reader_name)?;
    let options = Object::new();
    Reflect::set(&options, &"publicKey".into(), &read.call1(&kind, &inner.unwrap_or(asked))?)?;
    let credentials = credentials()?;
    let begin: Function = Reflect::get(&credentials, &act.into())?.dyn_into()?;
    let promise: Promise = begin.call1(&credentials, &options)?.dyn_into()?;
    let credential = JsFuture::from(promise).await?;
    let written: Function = Reflect::get(&credential, &"toJSON".into())?.dyn_into()?;
    Ok(JSON::stringify(&written.call0(&credential)?)?.into())
}

/// A function of `PublicKeyCredential` that reads the server's words, and what it belongs to.
fn reader(name: &str) -> Result<(JsValue, Function), JsValue> {
    let kind = Reflect::get(&window(), &"PublicKeyCredential".into())?;
    let read = Reflect::get(&kind, &name.into())?.dyn_into()?;
    Ok((kind, read))
}

fn credentials() -> Result<JsValue, JsValue> {
    let credentials = Reflect::get(&window().navigator(), &"credentials".into())?;
    if credentials.is_object() { Ok(credentials) } else { Err(JsValue::NULL) }
}
