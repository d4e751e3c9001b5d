//! The worker of the browser: takes jobs by message, answers by message. It is started for a job and
//! ended after it, so that a file that stops it stops nothing else.

#[cfg(target_arch = "wasm32")]
fn main() {
    use js_sys::{Array, Uint8Array};
    use tongban_shared::office::{Answer, Job};
    use wasm_bindgen::JsCast;
    use wasm_bindgen::prelude::{Closure, JsValue};
    use web_sys::{DedicatedWorkerGlobalScope, MessageEvent};

    fn answer(event: &MessageEvent) -> Array {
        let message: Array = event.data().unchecked_into();
        let job = message.get(0).as_string().unwrap_or_default();
        let bytes = Uint8Array::new(&message.get(1)).to_vec();
        let (answer, file) = match serde_json::from_str::<Job>(&job) {
            Ok(job) => tongban_office::run(&job, &bytes),
            Err(error) => (Answer::Problem(error.to_string()), Vec::new()),
        };
        let words = serde_json::to_string(&answer).unwrap_or_default();
        Array::of2(&JsValue::from_str(&words), &Uint8Array::from(&file[..]))
    }

    // A panic ends the worker: the page hears of it and tells the person; the place is in the log.
    std::panic::set_hook(Box::new(|info| web_sys::console::error_1(&info.to_string().into())));
    let scope: DedicatedWorkerGlobalScope = js_sys::global().unchecked_into();
    let replies = scope.clone();
    let listen = Closure::<dyn FnMut(MessageEvent)>::new(move |event: MessageEvent| {
        let _ = replies.post_message(&answer(&event));
    });
    scope.set_onmessage(Some(listen.as_ref().unchecked_ref()));
    listen.forget();
    // Messages that came before are not kept by every browser.
    let _ = scope.post_message(&JsValue::from_str("ready"));
}

#[cfg(not(target_arch = "wasm32"))]
fn main() {
    eprintln!("office-worker runs in a browser");
}
