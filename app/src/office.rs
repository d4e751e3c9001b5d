//! Office files: a worker is started for each job and ended after it.

use crate::browser;
use futures::channel::oneshot;
use futures::future::{Either, select};
use gloo_timers::future::TimeoutFuture;
use js_sys::{Array, Uint8Array};
use std::cell::{Cell, RefCell};
use std::rc::Rc;
use tongban_shared::office::{Answer, Job};
use wasm_bindgen::JsCast;
use wasm_bindgen::prelude::{Closure, JsValue};
use web_sys::{MessageEvent, Worker};

/// Milliseconds after which a job is given up: no honest file takes that long.
const PATIENCE: u32 = 60_000;

const STOPPED: &str = "文件处理失败：文件可能已损坏，或过大";

/// The server has another build by now, and this device did not keep the files of this one.
const OLD_PAGE: &str = "程序已升级，这个页面还是旧版：请刷新页面后再试";

const OUT_OF_REACH: &str = "连不上服务器，这台设备也没有存好处理文件的程序：请联网后再试";

/// The address of the office worker of the same build as the page, which names it.
fn worker_address() -> Option<String> {
    let page = browser::window().document()?;
    page.query_selector("meta[name='office-worker']").ok()??.get_attribute("content")
}

/// Why a worker did not start.
async fn why_not(address: &str) -> String {
    let asked = gloo_net::http::Request::get(address).cache(web_sys::RequestCache::NoStore).send().await;
    match asked {
        Ok(answer) if answer.ok() => STOPPED,
        Ok(_) => OLD_PAGE,
        Err(_) => OUT_OF_REACH,
    }
    .to_owned()
}

/// Does a job in a worker; the bytes of a file that was made stand beside the answer.
///
/// # Errors
/// A sentence for the person when the file cannot be read or made, or takes too long, or when the
/// worker of this build is not to be had any more.
pub async fn run(job: &Job, bytes: &[u8]) -> Result<(Answer, Vec<u8>), String> {
    let address = worker_address().ok_or(STOPPED)?;
    let worker = Worker::new(&address).map_err(|_| STOPPED.to_owned())?;
    let started = Rc::new(Cell::new(false));
    let (sender, receiver) = oneshot::channel::<Option<Array>>();
    let sender = Rc::new(RefCell::new(Some(sender)));
    let job = serde_json::to_string(job).map_err(|error| error.to_string())?;
    let message = Array::of2(&JsValue::from_str(&job), &Uint8Array::from(bytes));
    let heard = {
        let (worker, sender, started) = (worker.clone(), Rc::clone(&sender), Rc::clone(&started));
        Closure::<dyn FnMut(MessageEvent)>::new(move |event: MessageEvent| {
            if event.data().is_string() {
                started.set(true);
                let _ = worker.post_message(&message);
            } else if let Some(sender) = sender.borrow_mut().take() {
                let _ = sender.send(event.data().dyn_into().ok());
            }
        })
    };
    let failed = Closure::<dyn FnMut(JsValue)>::new(move |_| {
        if let Some(sender) = sender.borrow_mut().take() {
            let _ = sender.send(None);
        }
    });
    worker.set_onmessage(Some(heard.as_ref().unchecked_ref()));
    worker.set_onerror(Some(failed.as_ref().unchecked_ref()));
    let reply = match select(receiver, TimeoutFuture::new(PATIENCE)).await {
        Either::Left((Ok(Some(reply)), _)) => Ok(reply),
        _ if started.get() => Err(STOPPED.to_owned()),
        _ => Err(why_not(&address).await),
    };
    worker.terminate();
    let reply = reply?;
    let answer = reply.get(0).as_string().and_then(|words| serde_json::from_str::<Answer>(&words).ok());
    match answer {
        Some(Answer::Problem(words)) => Err(words),
        Some(answer) => Ok((answer, Uint8Array::new(&reply.get(1)).to_vec())),
        None => Err(STOPPED.to_owned()),
    }
}
