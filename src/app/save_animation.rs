//! The dialog that asks what moves in an animation, how long it lasts, and where to save it.

use std::path::PathBuf;

use eframe::egui::{Context, DragValue, Key, Modifiers, Response, Ui};

use super::{
    Command,
    destination::{Decision, Destination, with_end},
    save::{behind_name, size_name},
    widgets::{pick_ui, row_ui, sigma_value},
};
use crate::{
    model::Sigma,
    session::{
        AnimationFormat, AnimationSpec, Behind, Motion, PageChoice, PictureFormat, Preset, Screen,
        SizeChoice, timing,
    },
};

/// Width of the dialog's content in logical pixels.
const WIDTH: f32 = 420.0;

/// What the dialog remembers from frame to frame.
#[derive(Clone, Debug)]
pub(super) struct SaveAnimationState {
    pub(super) destination: Destination,
    choice: PageChoice,
    turns: bool,
    ends: [f64; 2],
    degrees: f64,
    seconds: f64,
    per_second: f64,
    back_and_forth: bool,
    one_range: bool,
}

impl Default for SaveAnimationState {
    fn default() -> Self {
        let size = SizeChoice::Screen(1);
        Self {
            destination: Destination::of("sigmascope.apng"),
            choice: PageChoice { size, ..PageChoice::default() },
            turns: false,
            ends: [0.1, 1.0],
            degrees: 360.0,
            seconds: 3.0,
            per_second: 20.0,
            back_and_forth: false,
            one_range: true,
        }
    }
}

impl SaveAnimationState {
    /// Opens the dialog for a sweep between these ends, or for a turn of what is in space.
    pub(super) fn open(&mut self, ends: [f64; 2], in_space: bool) {
        self.destination.open = true;
        self.ends = ends;
        self.turns = in_space;
    }

    /// The animation that is asked for, as a file at `path`.
    fn spec(&self, screen: Screen, path: &std::path::Path) -> Result<AnimationSpec, String> {
        let Self { turns, ends, degrees, seconds, per_second, .. } = *self;
        let motion = if turns {
            Motion::Turn(degrees)
        } else {
            let [from, to] = ends.map(Sigma::new);
            let ends = [from.map_err(|err| err.to_string())?, to.map_err(|err| err.to_string())?];
            if ends[0] == ends[1] {
                return Err("Both σ are the same".to_owned());
            }
            Motion::Sweep(ends)
        };
        let (frames, rate) = timing(None, Some(seconds), Some(per_second))?;
        let Self { back_and_forth, one_range, .. } = *self;
        let spec = AnimationSpec { motion, frames, rate, back_and_forth, one_range };
        let pixels = self.choice.page(screen, PictureFormat::Png)?.pixels();
        spec.check(pixels, AnimationFormat::of(path).unwrap_or(AnimationFormat::Apng))?;
        Ok(spec)
    }
}

/// Draws the dialog; `screen` is the window, `in_space` says whether there is something to turn, and `command` makes
/// the flags of a still.
pub(super) fn save_animation_ui(
    ctx: &Context,
    state: &mut SaveAnimationState,
    screen: Screen,
    in_space: bool,
    command: impl FnOnce(&PageChoice, &str) -> Result<String, Vec<&'static str>>,
) -> Option<Command> {
    if !state.destination.open {
        return None;
    }
    let mut destination = std::mem::take(&mut state.destination);
    let path = with_extension(destination.path.trim());
    let decision = destination.dialog(ctx, "Save animation", WIDTH, with_extension, |ui| {
        motion_ui(ui, state, in_space);
        page_ui(ui, &mut state.choice);
        match state.spec(screen, &path) {
            Ok(spec) => {
                let pixels = state.choice.page(screen, PictureFormat::Png);
                let [width, height] = pixels.map_or([0; 2], |page| page.pixels());
                ui.weak(format!("{} frames of {width} × {height} pixels", spec.frames));
                if let Ok(line) = command(&state.choice, &path.display().to_string()) {
                    let line = with_flags(&line, &spec);
                    let copy = ui.button("Copy command").on_hover_text(&line);
                    if copy.clicked() {
                        ui.copy_text(line);
                    }
                }
            }
            Err(problem) => drop(ui.colored_label(ui.visuals().warn_fg_color, problem)),
        }
        if AnimationFormat::of(&path) == Some(AnimationFormat::Gif) {
            ui.weak("GIF has 256 colours and carries no session");
        }
        ui.weak("The name says the kind: .apng, .gif, or / at its end for a folder of pictures");
    });
    state.destination = destination;
    match decision? {
        Decision::Browse => Some(Command::BrowseForAnimation),
        Decision::Save(path, replace) => match state.spec(screen, &path) {
            Ok(animation) => {
                let page = Box::new(state.choice.clone());
                Some(Command::SaveAnimation { path, animation, page, replace })
            }
            Err(problem) => {
                state.destination.refuse(problem);
                None
            }
        },
    }
}

/// Enter ends the typing of a number, and does not save.
fn end_typing(number: &Response) {
    if number.lost_focus() {
        number.ctx.input_mut(|i| i.consume_key(Modifiers::NONE, Key::Enter));
    }
}

fn motion_ui(ui: &mut Ui, state: &mut SaveAnimationState, in_space: bool) {
    let height = ui.spacing().interact_size.y;
    row_ui(ui, "Show", |ui, _| {
        ui.radio_value(&mut state.turns, false, "A sweep of σ");
        ui.add_enabled_ui(in_space, |ui| {
            let turn = ui.radio_value(&mut state.turns, true, "A turn in space");
            turn.on_disabled_hover_text("Only points that are shown in space can be turned");
        });
    });
    state.turns &= in_space;
    if state.turns {
        row_ui(ui, "Degrees", |ui, id| {
            let value = DragValue::new(&mut state.degrees).range(-3600.0..=3600.0).suffix("°");
            end_typing(&ui.add_sized([72.0, height], value).labelled_by(id));
        });
    } else {
        row_ui(ui, "From σ", |ui, from| {
            let number = |ui: &mut Ui, end: &mut f64, id| {
                end_typing(&ui.add_sized([72.0, height], sigma_value(end)).labelled_by(id));
            };
            number(ui, &mut state.ends[0], from);
            let to = ui.label("to σ").id;
            number(ui, &mut state.ends[1], to);
        });
    }
    row_ui(ui, "Seconds", |ui, id| {
        let seconds = DragValue::new(&mut state.seconds).range(0.1..=600.0).speed(0.05);
        end_typing(&ui.add_sized([72.0, height], seconds).labelled_by(id));
        let rate = ui.label("frames a second").id;
        let rates = crate::figure::FrameRate::LEAST..=crate::figure::FrameRate::MOST;
        let rate_value = DragValue::new(&mut state.per_second).range(rates).speed(0.2);
        end_typing(&ui.add_sized([56.0, height], rate_value).labelled_by(rate));
    });
    ui.checkbox(&mut state.back_and_forth, "Back and forth")
        .on_hover_text("The second half goes back to the start");
    if !state.turns {
        ui.checkbox(&mut state.one_range, "One range of colours in all frames")
            .on_hover_text("Else the colours of each frame reach from its lowest f to its highest");
    }
}

fn page_ui(ui: &mut Ui, choice: &mut PageChoice) {
    let usual = [Preset::Slide, Preset::FourK].map(SizeChoice::Usual);
    let sizes = [SizeChoice::Screen(1), SizeChoice::Screen(2), usual[0], usual[1]];
    pick_ui(ui, "Size", &mut choice.size, &sizes, |size| match size {
        SizeChoice::Screen(2) => "As on screen, twice as fine",
        size => size_name(size),
    });
    let all = [Behind::Screen, Behind::White, Behind::Dark, Behind::Transparent];
    pick_ui(ui, "Background", &mut choice.behind, &all, behind_name);
}

/// The command of a still with what makes it move.
fn with_flags(line: &str, spec: &AnimationSpec) -> String {
    let mut line = line.to_owned();
    let mut flag = |text: String| {
        line.push(' ');
        line.push_str(&text);
    };
    match spec.motion {
        Motion::Sweep([from, to]) => flag(format!("--sweep {}:{}", from.get(), to.get())),
        Motion::Turn(degrees) => flag(format!("--turn={degrees}")),
    }
    flag(format!("--frames {} --fps {}", spec.frames, spec.rate.get()));
    if spec.back_and_forth {
        flag("--back-and-forth".to_owned());
    }
    if !spec.one_range && matches!(spec.motion, Motion::Sweep(_)) {
        flag("--own-ranges".to_owned());
    }
    line
}

/// The path with `.apng` behind it if it names no kind of animation.
fn with_extension(text: &str) -> PathBuf {
    let path = PathBuf::from(text);
    if AnimationFormat::of(&path).is_some() { path } else { with_end(text, "apng") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_animation_is_an_apng_file_unless_its_name_says_otherwise() {
        assert_eq!(with_extension("a"), PathBuf::from("a.apng"));
        assert_eq!(with_extension("a.gif"), PathBuf::from("a.gif"));
        assert_eq!(with_extension("a.png"), PathBuf::from("a.png.apng"));
        assert!(with_extension("a/").as_os_str().to_string_lossy().ends_with('/'));
    }
}
