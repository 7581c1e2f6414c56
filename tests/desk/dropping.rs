//! Drops a file on a window as a file manager does: the side of XDND that gives.

use std::{
    path::Path,
    time::{Duration, Instant},
};

use x11rb::{
    COPY_DEPTH_FROM_PARENT, CURRENT_TIME,
    connection::Connection,
    protocol::{
        Event,
        xproto::{
            Atom, ClientMessageEvent, ConnectionExt, CreateWindowAux, EventMask, PropMode,
            SELECTION_NOTIFY_EVENT, SelectionNotifyEvent, Window, WindowClass,
        },
    },
    wrapper::ConnectionExt as _,
};

/// Version 5, in the highest byte, and three types at most.
const VERSION: u32 = 5 << 24;

/// Drops `path` on the window of this number, at its place `at`, and waits until the window has taken it.
pub fn drop_file(display: &str, window: Window, at: [u32; 2], path: &Path) {
    let (connection, screen) = x11rb::connect(Some(display)).expect("the display");
    let root = connection.setup().roots[screen].root;
    let own = connection.generate_id().expect("a number");
    connection
        .create_window(
            COPY_DEPTH_FROM_PARENT,
            own,
            root,
            0,
            0,
            1,
            1,
            0,
            WindowClass::INPUT_OUTPUT,
            0,
            &CreateWindowAux::new(),
        )
        .expect("a window");
    let atom = |name: &str| -> Atom {
        let asked = connection.intern_atom(false, name.as_bytes()).expect("an atom");
        asked.reply().expect("an atom").atom
    };
    let (selection, uris) = (atom("XdndSelection"), atom("text/uri-list"));
    let (copies, finished) = (atom("XdndActionCopy"), atom("XdndFinished"));
    connection.set_selection_owner(own, selection, CURRENT_TIME).expect("owned");
    let send = |name: &str, data: [u32; 5]| {
        let message = ClientMessageEvent::new(32, window, atom(name), data);
        connection.send_event(false, window, EventMask::NO_EVENT, message).expect("sent");
        connection.flush().expect("sent");
    };
    send("XdndEnter", [own, VERSION, uris, 0, 0]);
    send("XdndPosition", [own, 0, at[0] << 16 | at[1], CURRENT_TIME, copies]);
    let deadline = Instant::now() + Duration::from_mins(1);
    let mut is_dropped = false;
    while Instant::now() < deadline {
        match connection.poll_for_event().expect("a connection") {
            Some(Event::SelectionRequest(request)) => {
                let text = format!("file://{}\r\n", path.display());
                let (mode, to) = (PropMode::REPLACE, request.requestor);
                connection
                    .change_property8(mode, to, request.property, uris, text.as_bytes())
                    .expect("written");
                let notice = SelectionNotifyEvent {
                    response_type: SELECTION_NOTIFY_EVENT,
                    sequence: 0,
                    time: request.time,
                    requestor: to,
                    selection: request.selection,
                    target: request.target,
                    property: request.property,
                };
                connection.send_event(false, to, EventMask::NO_EVENT, notice).expect("sent");
                connection.flush().expect("sent");
            }
            // What it says of the place: it takes the file there.
            Some(Event::ClientMessage(message)) if message.type_ == finished => return,
            Some(Event::ClientMessage(_)) if !is_dropped => {
                is_dropped = true;
                send("XdndDrop", [own, 0, CURRENT_TIME, 0, 0]);
            }
            _ => std::thread::sleep(Duration::from_millis(10)),
        }
    }
    panic!("the window did not take {}", path.display());
}
