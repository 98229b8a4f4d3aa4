//! Servers as engines: small ones that play recorded answers and every fault, and this program's own as a real process.

mod answers;
mod comfy;
mod command;
mod fake_comfy;
mod fake_server;
mod faults;
#[path = "../serve/harness.rs"]
#[allow(dead_code)]
mod harness;
mod real;
