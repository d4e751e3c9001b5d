//! The browser's services, each in one place: clock, chance, addresses, downloads.

use std::cell::Cell;
use tongban_shared::zone::Zone;
use wasm_bindgen::JsCast;
use wasm_bindgen::prelude::*;

/// Milliseconds since 1970.
pub fn now_ms() -> u64 {
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a time of this century")]
    let now = js_sys::Date::now() as u64;
    now
}

/// Seconds since 1970.
pub fn now() -> i64 {
    i64::try_from(now_ms() / 1000).unwrap_or_default()
}

thread_local! {
    /// The clock of the space, which every device goes by, whatever its own is set to.
    static ZONE: Cell<&'static Zone> = Cell::new(Zone::of(""));
}

/// From now on dates and times are those of a zone: that of the space.
pub fn keep_zone(zone: &'static Zone) {
    ZONE.set(zone);
}

/// Today by the clock of the space, as an ISO date.
pub fn today() -> String {
    ZONE.get().day(now()).to_string()
}

/// Random bytes of the browser.
pub fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    if getrandom::fill(&mut bytes).is_err() {
        wasm_bindgen::throw_str("the browser gives no random bytes");
    }
    bytes
}

/// Sixteen bytes for a new identifier.
pub fn fresh_id() -> [u8; 16] {
    tongban_shared::id::ulid_bytes(now_ms(), random())
}

/// The page's window.
pub fn window() -> web_sys::Window {
    web_sys::window().unwrap_or_else(|| wasm_bindgen::throw_str("there is no window"))
}

/// The address of the sync socket beside the page.
pub fn socket_address() -> String {
    let location = window().location();
    let secure = location.protocol().is_ok_and(|protocol| protocol == "https:");
    let host = location.host().unwrap_or_default();
    format!("{}://{host}/sync", if secure { "wss" } else { "ws" })
}

/// Bytes as a blob, which the browser may keep outside of the memory.
pub fn blob(parts: &[&[u8]]) -> Result<web_sys::Blob, JsValue> {
    let parts: js_sys::Array = parts.iter().map(|part| js_sys::Uint8Array::from(*part)).collect();
    web_sys::Blob::new_with_u8_array_sequence(&parts)
}

/// Gives bytes to the person as a file.
pub fn download(name: &str, bytes: &[u8]) -> Result<(), JsValue> {
    download_blob(name, &blob(&[bytes])?)
}

/// The same of a blob.
pub fn download_blob(name: &str, blob: &web_sys::Blob) -> Result<(), JsValue> {
    let address = web_sys::Url::create_object_url_with_blob(blob)?;
    let document = window().document().ok_or("no document")?;
    let link: web_sys::HtmlAnchorElement = document.create_element("a")?.unchecked_into();
    link.set_href(&address);
    link.set_download(name);
    link.click();
    web_sys::Url::revoke_object_url(&address)
}

/// The bytes of a file that the person chose.
pub async fn read_file(file: &web_sys::Blob) -> Result<Vec<u8>, JsValue> {
    let buffer = wasm_bindgen_futures::JsFuture::from(file.array_buffer()).await?;
    Ok(js_sys::Uint8Array::new(&buffer).to_vec())
}

/// So many bytes of a file from a place on, fewer at its end.
pub async fn read_part(file: &web_sys::Blob, at: u64, most: usize) -> Result<Vec<u8>, JsValue> {
    let (begin, end) = (at as f64, (at + most as u64) as f64);
    read_file(&file.slice_with_f64_and_f64(begin, end)?).await
}

/// A photo drawn anew, its longer side at most so many pixels, as JPEG: what it says of its place
/// and device stays behind.
pub async fn scaled(file: &web_sys::File, longest: u32) -> Result<Vec<u8>, JsValue> {
    let drawn = window().create_image_bitmap_with_blob(file)?;
    let bitmap: web_sys::ImageBitmap = wasm_bindgen_futures::JsFuture::from(drawn).await?.unchecked_into();
    let (width, height) = (bitmap.width(), bitmap.height());
    let share = (f64::from(longest) / f64::from(width.max(height).max(1))).min(1.0);
    let side = |side: u32| (f64::from(side) * share).round().max(1.0);
    let document = window().document().ok_or("no document")?;
    let canvas: web_sys::HtmlCanvasElement = document.create_element("canvas")?.unchecked_into();
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "at most the longest side")]
    {
        canvas.set_width(side(width) as u32);
        canvas.set_height(side(height) as u32);
    }
    let context = canvas.get_context("2d")?.ok_or("no canvas")?;
    let context: web_sys::CanvasRenderingContext2d = context.unchecked_into();
    // Clear parts of the picture are white on paper.
    context.set_fill_style_str("#fff");
    context.fill_rect(0.0, 0.0, side(width), side(height));
    context.draw_image_with_image_bitmap_and_dw_and_dh(&bitmap, 0.0, 0.0, side(width), side(height))?;
    bitmap.close();
    let blob = js_sys::Promise::new(&mut |resolve, reject| {
        let made =
            canvas.to_blob_with_type_and_encoder_options(&resolve, "image/jpeg", &JsValue::from_f64(0.85));
        if let Err(error) = made {
            let _ = reject.call1(&JsValue::NULL, &error);
        }
    });
    let blob: web_sys::Blob = wasm_bindgen_futures::JsFuture::from(blob).await?.dyn_into()?;
    let buffer = wasm_bindgen_futures::JsFuture::from(blob.array_buffer()).await?;
    Ok(js_sys::Uint8Array::new(&buffer).to_vec())
}

/// An address in this page for bytes of a type, until it is released.
pub fn address_of(bytes: &[u8], kind: &str) -> Result<String, JsValue> {
    let parts = js_sys::Array::of1(&js_sys::Uint8Array::from(bytes));
    let options = web_sys::BlobPropertyBag::new();
    options.set_type(kind);
    let blob = web_sys::Blob::new_with_u8_array_sequence_and_options(&parts, &options)?;
    web_sys::Url::create_object_url_with_blob(&blob)
}

/// Releases such an address.
pub fn release(address: &str) {
    let _ = web_sys::Url::revoke_object_url(address);
}

/// Asks the browser to keep what is stored here; `false` when it does not promise.
pub async fn persist() -> bool {
    let storage = window().navigator().storage();
    let Ok(promise) = storage.persist() else { return false };
    wasm_bindgen_futures::JsFuture::from(promise).await.is_ok_and(|kept| kept.is_truthy())
}

/// Bytes used and allowed, when the browser says so.
pub async fn storage_estimate() -> Option<(f64, f64)> {
    let promise = window().navigator().storage().estimate().ok()?;
    let estimate = wasm_bindgen_futures::JsFuture::from(promise).await.ok()?;
    let number = |key: &str| js_sys::Reflect::get(&estimate, &key.into()).ok()?.as_f64();
    Some((number("usage")?, number("quota")?))
}

/// When this device was last opened before now, in seconds; remembers that it is open now.
pub fn last_visit() -> Option<i64> {
    const KEY: &str = "last-visit";
    thread_local! {
        static LAST: std::cell::OnceCell<Option<i64>> = const { std::cell::OnceCell::new() };
    }
    LAST.with(|last| {
        *last.get_or_init(|| {
            let storage = window().local_storage().ok().flatten()?;
            let before = storage.get_item(KEY).ok().flatten().and_then(|text| text.parse().ok());
            let _ = storage.set_item(KEY, &now().to_string());
            before
        })
    })
}

/// Counts work of a kind on the window (`tongbanWork`), for tests that ask how much was done and for
/// whoever measures.
pub fn count_work(kind: &str, by: usize) {
    let (window, name) = (window(), JsValue::from_str("tongbanWork"));
    let known = js_sys::Reflect::get(&window, &name).ok().filter(JsValue::is_object);
    let all = known.unwrap_or_else(|| {
        let all: JsValue = js_sys::Object::new().into();
        let _ = js_sys::Reflect::set(&window, &name, &all);
        all
    });
    let before = js_sys::Reflect::get(&all, &kind.into()).ok().and_then(|count| count.as_f64());
    #[allow(clippy::cast_precision_loss, reason = "a count of work")]
    let now = before.unwrap_or(0.0) + by as f64;
    let _ = js_sys::Reflect::set(&all, &kind.into(), &now.into());
}

/// The second at which a day (`2025-06-15`) begins in the device's zone, so many days later.
pub fn day_begins(day: &str, later: i32) -> Option<i64> {
    let parts: Vec<i32> = day.split('-').map(|part| part.parse().ok()).collect::<Option<_>>()?;
    let [year, month, date] = parts[..] else { return None };
    let begins = js_sys::Date::new_with_year_month_day(u32::try_from(year).ok()?, month - 1, date + later);
    #[allow(clippy::cast_possible_truncation, reason = "seconds of this century")]
    let seconds = (begins.get_time() / 1000.0) as i64;
    Some(seconds)
}

/// The day so many days before today, as a date input has it.
pub fn days_ago(days: i32) -> String {
    let seconds = day_begins(&today(), -days).unwrap_or_default();
    let words = time_words(seconds);
    words.split(' ').next().unwrap_or_default().to_owned()
}

/// A time for people: day, hour and minute by the clock of the space; nothing for what was written
/// without a time, as an import is, which has the same bytes on every device.
pub fn time_words(seconds: i64) -> String {
    let clock = ZONE.get().clock(seconds.saturating_mul(1000)).filter(|_| seconds != 0);
    clock.map(|clock| clock.strftime("%Y-%m-%d %H:%M").to_string()).unwrap_or_default()
}

/// An SVG page as a PNG picture, at twice its size.
pub async fn png_of_svg(svg: &str, width: f64, height: f64) -> Result<Vec<u8>, JsValue> {
    let image = web_sys::HtmlImageElement::new()?;
    // As an address of its own the picture needs nothing from elsewhere.
    image.set_src(&format!("data:image/svg+xml;charset=utf-8,{}", js_sys::encode_uri_component(svg)));
    wasm_bindgen_futures::JsFuture::from(image.decode()).await?;
    let document = window().document().ok_or("no document")?;
    let canvas: web_sys::HtmlCanvasElement = document.create_element("canvas")?.unchecked_into();
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "pixels of a page")]
    let (wide, tall) = ((width * 2.0) as u32, (height * 2.0) as u32);
    canvas.set_width(wide);
    canvas.set_height(tall);
    let context: web_sys::CanvasRenderingContext2d =
        canvas.get_context("2d")?.ok_or("no canvas")?.unchecked_into();
    context.draw_image_with_html_image_element_and_dw_and_dh(&image, 0.0, 0.0, wide.into(), tall.into())?;
    let (sender, receiver) = futures::channel::oneshot::channel();
    let done = Closure::once_into_js(move |blob: JsValue| {
        let _ = sender.send(blob);
    });
    canvas.to_blob(done.unchecked_ref())?;
    let blob: web_sys::Blob = receiver.await.map_err(|_| "no picture")?.dyn_into()?;
    let buffer = wasm_bindgen_futures::JsFuture::from(blob.array_buffer()).await?;
    Ok(js_sys::Uint8Array::new(&buffer).to_vec())
}

/// Prints SVG pages, one a sheet, and puts the screen back.
pub fn print_pages(pages: &[String]) -> Result<(), JsValue> {
    let document = window().document().ok_or("no document")?;
    let sheet = document.create_element("div")?;
    sheet.set_class_name("print-pages");
    for page in pages {
        let image = web_sys::HtmlImageElement::new()?;
        image.set_src(&format!("data:image/svg+xml;charset=utf-8,{}", js_sys::encode_uri_component(page)));
        sheet.append_child(&image)?;
    }
    let body = document.body().ok_or("no body")?;
    body.append_child(&sheet)?;
    body.class_list().add_1("printing-pages")?;
    wasm_bindgen_futures::spawn_local(async move {
        let images = sheet.children();
        for place in 0..images.length() {
            if let Some(image) =
                images.item(place).and_then(|one| one.dyn_into::<web_sys::HtmlImageElement>().ok())
            {
                let _ = wasm_bindgen_futures::JsFuture::from(image.decode()).await;
            }
        }
        let _ = window().print();
        sheet.remove();
        let _ = body.class_list().remove_1("printing-pages");
    });
    Ok(())
}

/// Keeps a word on this device.
pub fn remember(key: &str, words: &str) {
    if let Ok(Some(storage)) = window().local_storage() {
        let _ = storage.set_item(key, words);
    }
}

/// A word that was kept on this device.
pub fn remembered(key: &str) -> Option<String> {
    window().local_storage().ok().flatten()?.get_item(key).ok().flatten()
}

/// Gives words to the clipboard, in the older way where a browser has no other: on plain http there
/// is no `navigator.clipboard`.
pub async fn copy(words: &str) -> Result<(), JsValue> {
    if has_clipboard() {
        let promise = window().navigator().clipboard().write_text(words);
        if wasm_bindgen_futures::JsFuture::from(promise).await.is_ok() {
            return Ok(());
        }
    }
    copy_from_page(words)
}

/// Whether the browser gives this page its clipboard.
pub fn has_clipboard() -> bool {
    has(&window().navigator(), "clipboard")
}

/// Whether something has a property with a value.
pub fn has(thing: &JsValue, name: &str) -> bool {
    js_sys::Reflect::get(thing, &name.into()).is_ok_and(|value| !value.is_null_or_undefined())
}

fn copy_from_page(words: &str) -> Result<(), JsValue> {
    let document = window().document().ok_or("no document")?;
    let area: web_sys::HtmlTextAreaElement = document.create_element("textarea")?.unchecked_into();
    area.set_value(words);
    // Off the screen: nothing may move under the person's eyes.
    area.set_class_name("hidden");
    document.body().ok_or("no body")?.append_child(&area)?;
    area.select();
    let copied = call(&document, "execCommand", &["copy".into()]).is_ok_and(|done| done.is_truthy());
    area.remove();
    if copied { Ok(()) } else { Err("the browser does not copy".into()) }
}

/// Marks the words of an element, so that the person can copy them.
pub fn select(element: &web_sys::Element) {
    if let Ok(selection) = call(&window(), "getSelection", &[])
        && !selection.is_null()
    {
        let _ = call(&selection, "selectAllChildren", &[element.into()]);
    }
}

fn call(thing: &JsValue, name: &str, given: &[JsValue]) -> Result<JsValue, JsValue> {
    let function: js_sys::Function = js_sys::Reflect::get(thing, &name.into())?.dyn_into()?;
    function.apply(thing, &given.iter().collect())
}

/// Writes a line to the browser's log of errors.
pub fn log_error(text: &str) {
    let console = js_sys::Reflect::get(&js_sys::global(), &"console".into());
    if let Ok(console) = console {
        let _ = call(&console, "error", &[text.into()]);
    }
}

/// Width of a phone's screen in CSS pixels, as the style sheet has it.
const PHONE: f64 = 672.0;

/// Whether the screen is as narrow as a phone's.
pub fn is_phone() -> bool {
    let width = window().inner_width().ok().and_then(|width| width.as_f64());
    width.is_some_and(|width| width < PHONE)
}

/// Width and height of the window in CSS pixels.
pub fn window_size() -> (f64, f64) {
    let pixels =
        |side: Result<JsValue, JsValue>| side.ok().and_then(|side| side.as_f64()).unwrap_or_default();
    (pixels(window().inner_width()), pixels(window().inner_height()))
}

/// Puts a list of acts back to its first line: an act that was asked for is none that was chosen.
pub fn choose_nothing(event: &web_sys::Event) {
    if let Some(list) = event.target().and_then(|target| target.dyn_into::<web_sys::HtmlSelectElement>().ok())
    {
        list.set_value("");
    }
}

/// The element at a point of the window, or the nearest around it, that a selector fits.
pub fn closest(x: f64, y: f64, selector: &str) -> Option<web_sys::Element> {
    #[allow(clippy::cast_possible_truncation, reason = "a place on a screen")]
    let element = window().document()?.element_from_point(x as f32, y as f32)?;
    element.closest(selector).ok()?
}

/// Gives the focus to what a selector fits, once the page is drawn anew.
pub fn focus_soon(selector: String) {
    leptos::prelude::request_animation_frame(move || {
        let found = window().document().and_then(|page| page.query_selector(&selector).ok().flatten());
        if let Some(found) = found.and_then(|found| found.dyn_into::<web_sys::HtmlElement>().ok()) {
            let _ = found.focus();
        }
    });
}

/// Closes open menus, but one that a target is in; `true` when there was one to close.
pub fn close_menus(but: Option<&web_sys::EventTarget>) -> bool {
    let Some(document) = window().document() else { return false };
    let Ok(open) = document.query_selector_all("details.menu[open]") else { return false };
    let mut closed = false;
    for menu in (0..open.length()).filter_map(|place| open.item(place)) {
        let inside = but.and_then(|target| target.dyn_ref::<web_sys::Node>());
        if menu.contains(inside) && inside.is_some() {
            continue;
        }
        if let Ok(menu) = menu.dyn_into::<web_sys::Element>() {
            let _ = menu.remove_attribute("open");
            closed = true;
            if but.is_none()
                && let Ok(Some(summary)) = menu.query_selector("summary")
                && let Ok(summary) = summary.dyn_into::<web_sys::HtmlElement>()
            {
                let _ = summary.focus();
            }
        }
    }
    closed
}

/// Closes the menu whose act was pressed.
pub fn close_menu_of_act(target: Option<web_sys::EventTarget>) {
    let pressed = target.and_then(|target| target.dyn_into::<web_sys::Element>().ok());
    let act = pressed.and_then(|one| one.closest(".menu__list > button").ok().flatten());
    if let Some(menu) = act.and_then(|act| act.closest("details.menu").ok().flatten()) {
        let _ = menu.remove_attribute("open");
    }
}

/// Whether somebody types there.
pub fn is_typing(target: Option<web_sys::EventTarget>) -> bool {
    let element = target.and_then(|target| target.dyn_into::<web_sys::Element>().ok());
    element.is_some_and(|one| matches!(one.tag_name().as_str(), "INPUT" | "TEXTAREA" | "SELECT"))
}

/// Whether a question stands over the page.
pub fn is_asking() -> bool {
    let document = window().document();
    document.is_some_and(|page| page.query_selector("dialog[open]").ok().flatten().is_some())
}
