//! The browser host of Tongban.
#![forbid(unsafe_code)]

mod api;
mod app;
mod board;
mod browser;
mod fault;
mod lacks;
mod lang;
mod office;
mod offline;
mod pages;
mod parts;
mod passkeys;
mod session;
mod slices;
mod socket;
mod storage;
mod tabs;
mod view;

fn main() {
    fault::watch();
    leptos::mount::mount_to_body(app::App);
}
