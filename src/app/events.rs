//! The way of an event from the system to eframe, and what is caught on it.

use eframe::UserEvent;
use winit::{
    application::ApplicationHandler,
    event::{DeviceEvent, DeviceId, StartCause, WindowEvent},
    event_loop::ActiveEventLoop,
    window::WindowId,
};

use super::{Handover, handover::AbnormalExit, panics::caught};
use crate::gpu::Gate;

/// Passes events on to eframe; those that make the surface anew with the worker held back.
pub(super) struct Gated<'a> {
    app: eframe::EframeWinitApplication<'a>,
    gate: Gate,
    handover: &'a Handover,
    /// The window has panicked; nothing may be asked of it any more.
    broken: bool,
}

impl<'a> Gated<'a> {
    /// Stands before `app`.
    pub(super) fn new(
        app: eframe::EframeWinitApplication<'a>,
        gate: Gate,
        handover: &'a Handover,
    ) -> Self {
        Self { app, gate, handover, broken: false }
    }

    /// Hands an event to eframe. Drawing on a device that has just been lost panics in there, and
    /// so does a mistake of the program's own: then the window is given up.
    fn pass(
        &mut self,
        event_loop: &ActiveEventLoop,
        event: impl FnOnce(&mut eframe::EframeWinitApplication<'_>, &Gate),
    ) {
        if self.broken {
            return;
        }
        let Self { app, gate, .. } = self;
        if let Err(message) = caught(|| event(app, gate)) {
            log::warn!("{message}");
            self.broken = true;
            self.handover.ends(if self.handover.is_lost() {
                AbnormalExit::Lost
            } else {
                AbnormalExit::Crashed(message)
            });
            event_loop.exit();
        }
    }
}

impl ApplicationHandler<UserEvent> for Gated<'_> {
    fn new_events(&mut self, event_loop: &ActiveEventLoop, cause: StartCause) {
        self.pass(event_loop, |app, _| app.new_events(event_loop, cause));
    }

    fn resumed(&mut self, event_loop: &ActiveEventLoop) {
        self.pass(event_loop, |app, _| app.resumed(event_loop));
    }

    fn user_event(&mut self, event_loop: &ActiveEventLoop, event: UserEvent) {
        self.pass(event_loop, |app, _| app.user_event(event_loop, event));
    }

    fn window_event(&mut self, event_loop: &ActiveEventLoop, window: WindowId, event: WindowEvent) {
        self.pass(event_loop, |app, gate| match event {
            WindowEvent::Resized(_) | WindowEvent::ScaleFactorChanged { .. } => {
                gate.closed(|| app.window_event(event_loop, window, event));
            }
            event => app.window_event(event_loop, window, event),
        });
    }

    fn device_event(&mut self, event_loop: &ActiveEventLoop, device: DeviceId, event: DeviceEvent) {
        self.pass(event_loop, |app, _| app.device_event(event_loop, device, event));
    }

    fn about_to_wait(&mut self, event_loop: &ActiveEventLoop) {
        self.pass(event_loop, |app, _| app.about_to_wait(event_loop));
    }

    fn suspended(&mut self, event_loop: &ActiveEventLoop) {
        self.pass(event_loop, |app, _| app.suspended(event_loop));
    }

    fn exiting(&mut self, event_loop: &ActiveEventLoop) {
        self.pass(event_loop, |app, _| app.exiting(event_loop));
    }

    fn memory_warning(&mut self, event_loop: &ActiveEventLoop) {
        self.pass(event_loop, |app, _| app.memory_warning(event_loop));
    }
}
