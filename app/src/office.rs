//! Office files: a worker is started for each job and ended after it.

use futures::channel::oneshot;
use futures::future::{Either, select};
use gloo_timers::future::TimeoutFuture;
use js_sys::{Array, Uint8Array};
use std::cell::RefCell;
use std::rc::Rc;
use tongban_shared::office::{Answer, Job};
use wasm_bindgen::JsCast;
use wasm_bindgen::prelude::{Closure, JsValue};
use web_sys::{MessageEvent, Worker};

const WORKER: &str = "/office.js";

/// Milliseconds after which a job is given up: no honest file takes that long.
const PATIENCE: u32 = 60_000;

const STOPPED: &str = "文件处理失败：文件可能已损坏，或过大";

/// Does a job in a worker; the bytes of a file that was made stand beside the answer.
///
/// # Errors
/// A sentence for the person when the file cannot be read or made, or takes too long.
pub async fn run(job: &Job, bytes: &[u8]) -> Result<(Answer, Vec<u8>), String> {
    let worker = Worker::new(WORKER).map_err(|_| STOPPED.to_owned())?;
    let (sender, receiver) = oneshot::channel::<Option<Array>>();
    let sender = Rc::new(RefCell::new(Some(sender)));
    let job = serde_json::to_string(job).map_err(|error| error.to_string())?;
    let message = Array::of2(&JsValue::from_str(&job), &Uint8Array::from(bytes));
    let heard = {
        let (worker, sender) = (worker.clone(), Rc::clone(&sender));
        Closure::<dyn FnMut(MessageEvent)>::new(move |event: MessageEvent| {
            if event.data().is_string() {
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
        _ => Err(STOPPED.to_owned()),
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
