//! Listens to the pens of an X server, beside the window library.
//!
//! A thread with a connection of its own asks for the raw motion of all devices, which the server tells whatever window
//! the pointer is in, and reads pressure and tilt off the axes of those that have them.

use std::collections::HashMap;
use std::thread;

use crossbeam_channel::{Receiver, Sender, TrySendError, bounded};
use x11rb::connection::Connection;
use x11rb::errors::ReplyOrIdError;
use x11rb::protocol::Event;
use x11rb::protocol::xinput::{ConnectionExt as _, Device, EventMask, RawMotionEvent, XIEventMask};
use x11rb::protocol::xproto::{Atom, ConnectionExt as _};
use x11rb::rust_connection::RustConnection;

use super::PenHold;
use super::axes::{NAMES, PenAxes};

/// How many readings wait for the window; an idle window takes none, and the oldest are dropped then.
const WAITING: usize = 4096;

/// Starts to listen. `None` if no thread can be started; a server that cannot be reached tells nothing.
pub(super) fn listen() -> Option<Receiver<Option<PenHold>>> {
    let (send, receive) = bounded(WAITING);
    let oldest = receive.clone();
    let run = move || {
        if let Err(error) = run(&send, &oldest) {
            tracing::info!("the pressure of pens is not known: {error}");
        }
    };
    thread::Builder::new().name("pens".into()).spawn(run).ok()?;
    Some(receive)
}

fn run(send: &Sender<Option<PenHold>>, oldest: &Receiver<Option<PenHold>>) -> Result<(), ReplyOrIdError> {
    let (connection, screen) = RustConnection::connect(None).map_err(|error| {
        tracing::debug!("no connection to the X server: {error}");
        ReplyOrIdError::ConnectionError(x11rb::errors::ConnectionError::UnknownError)
    })?;
    let Some(root) = connection.setup().roots.get(screen).map(|screen| screen.root) else { return Ok(()) };
    connection.xinput_xi_query_version(2, 2)?.reply()?;
    let mut names = [0; 3];
    for (atom, name) in names.iter_mut().zip(NAMES) {
        *atom = connection.intern_atom(false, name.as_bytes())?.reply()?.atom;
    }
    // Devices that are plugged in or switched to another pen later are told about too.
    let masks = [
        EventMask { deviceid: Device::ALL.into(), mask: vec![XIEventMask::HIERARCHY | XIEventMask::DEVICE_CHANGED] },
        EventMask { deviceid: Device::ALL_MASTER.into(), mask: vec![XIEventMask::RAW_MOTION] },
    ];
    connection.xinput_xi_select_events(root, &masks)?.check()?;
    let mut pens = pens(&connection, names)?;
    loop {
        match connection.wait_for_event()? {
            Event::XinputRawMotion(moved) => tell(send, oldest, reading(&mut pens, &moved)),
            Event::XinputHierarchy(_) | Event::XinputDeviceChanged(_) => pens = self::pens(&connection, names)?,
            _ => {}
        }
    }
}

/// All devices that tell a pressure.
fn pens(connection: &RustConnection, names: [Atom; 3]) -> Result<HashMap<u16, PenAxes>, ReplyOrIdError> {
    let devices = connection.xinput_xi_query_device(Device::ALL)?.reply()?.infos;
    let pens = devices.into_iter().filter_map(|device| Some((device.deviceid, PenAxes::of(&device.classes, names)?)));
    Ok(pens.collect())
}

/// How the pen that moved is held; `None` if it was no pen.
fn reading(pens: &mut HashMap<u16, PenAxes>, moved: &RawMotionEvent) -> Option<PenHold> {
    Some(pens.get_mut(&moved.sourceid)?.moved(&moved.valuator_mask, &moved.axisvalues))
}

fn tell(send: &Sender<Option<PenHold>>, oldest: &Receiver<Option<PenHold>>, reading: Option<PenHold>) {
    if let Err(TrySendError::Full(reading)) = send.try_send(reading) {
        oldest.try_recv().ok();
        send.try_send(reading).ok();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_idle_window_costs_no_memory_and_gets_the_latest_reading() {
        let (send, receive) = bounded(3);
        for i in 0..10 {
            tell(&send, &receive, Some(PenHold { pressure: i as f32, tilt: (0.0, 0.0) }));
        }
        let readings: Vec<f32> = receive.try_iter().flatten().map(|held| held.pressure).collect();
        assert_eq!(readings, [7.0, 8.0, 9.0]);
    }
}
