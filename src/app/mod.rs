//! The window: edits a copy of the parameters and draws the session's newest scene. The only module
//! that uses egui.
//!
//! One file a panel. A panel is `fn panel_ui(ui, …) -> Option<Command>`: it draws, and returns the
//! action that the user chose, which [`Window`] carries out.

mod axes_panel;
mod color_bar;
mod columns;
mod command;
mod compare;
mod controls;
mod destination;
mod drawing;
mod events;
mod filmstrip;
mod frame_log;
mod handover;
mod history;
mod hover_columns;
mod launch;
mod menu;
mod missing_file;
mod notices;
mod nudge;
mod overlay;
mod panics;
mod picker;
mod play;
mod plot;
mod preferences;
mod questions;
mod recent;
mod save;
mod save_animation;
mod save_session;
mod save_table;
mod shortcuts;
mod startup;
mod status;
mod style;
mod table;
mod widgets;
mod window;
mod wording;

pub use command::Command;
pub use frame_log::FrameLog;
pub use handover::Handover;
pub use history::History;
pub use launch::{AppError, check_variable, run, wgpu_setup};
pub use picker::{Picked, Picker, SystemPicker};
pub use plot::Tool;
pub use questions::ResumeMode;
pub use startup::Startup;
pub use window::Window;
