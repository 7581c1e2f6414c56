//! The dialog that asks what a picture looks like on its page, and where to save it, with a small picture of that
//! page.

use std::{path::PathBuf, sync::Arc};

use eframe::egui::{
    Color32, ColorImage, Context, Image, Label, Response, RichText, ScrollArea, TextEdit,
    TextureHandle, TextureOptions, Ui, Vec2, vec2,
};

use super::{
    Command,
    destination::{Decision, Destination, with_end},
    widgets::{pick_ui, row_ui},
};
use crate::session::{
    Behind, PageChoice, PictureFormat, PictureSpec, PixelPicture, Preset, Scene, Screen, SizeChoice,
};

/// Width of the dialog's content, and of the small picture in it, in logical pixels.
const WIDTH: f32 = 620.0;
const PREVIEW: Vec2 = vec2(276.0, 176.0);

/// Height of what is told of the page, in logical pixels; more scrolls.
const TOLD: f32 = 54.0;
/// How own texts are typed.
const MARKUP: &str = "x_1, m^2, 10^{-3}: ^ raises and _ lowers the letter behind it, or what stands in \
                      braces; \\^ and \\_ are the characters. A space alone leaves the text out";

/// What the dialog remembers from frame to frame.
#[derive(Default)]
pub(super) struct SaveState {
    pub(super) destination: Destination,
    pub(super) choice: PageChoice,
    pub(super) preview: Preview,
}

/// The small picture, and what it is of.
#[derive(Default)]
pub(super) struct Preview {
    /// What was asked for last: the picture, and of which scene.
    asked: Option<(PictureSpec, Arc<Scene>)>,
    /// Whether that is still being drawn.
    waits: bool,
    shown: Option<TextureHandle>,
    /// What was decided for the user, or why there is no picture.
    told: Vec<String>,
}

impl Preview {
    /// Whether `spec` is to be drawn now: it is of something else than what was drawn last.
    pub(super) fn wants(&mut self, spec: &PictureSpec, scene: &Arc<Scene>) -> bool {
        let is_same =
            self.asked.as_ref().is_some_and(|(asked, of)| asked == spec && Arc::ptr_eq(of, scene));
        if self.waits || is_same {
            return false;
        }
        self.asked = Some((spec.clone(), Arc::clone(scene)));
        self.waits = true;
        true
    }

    /// Gives up the picture: the dialog is closed.
    pub(super) fn forget(&mut self) {
        (self.asked, self.shown) = (None, None);
        self.told.clear();
    }

    /// Takes what was drawn.
    pub(super) fn receive(&mut self, ctx: &Context, drawn: Result<PixelPicture, String>) {
        self.waits = false;
        match drawn {
            Ok((rgba, size, told)) => {
                let size = size.map(|side| side as usize);
                let image = ColorImage::from_rgba_unmultiplied(size, &rgba);
                self.shown = Some(ctx.load_texture("page", image, TextureOptions::LINEAR));
                self.told = told;
            }
            Err(problem) => {
                self.shown = None;
                self.told = vec![problem];
            }
        }
    }

    fn ui(&self, ui: &mut Ui) {
        ui.allocate_ui(PREVIEW, |ui| {
            ui.set_min_size(PREVIEW);
            match &self.shown {
                Some(texture) => {
                    let stroke = ui.visuals().window_stroke;
                    let size = texture.size_vec2();
                    let scale = (PREVIEW.x / size.x).min(PREVIEW.y / size.y);
                    let image = Image::new((texture.id(), size * scale)).alt_text("Preview");
                    let shown = ui.add(image.bg_fill(Color32::TRANSPARENT));
                    let kind = eframe::egui::StrokeKind::Outside;
                    ui.painter().rect_stroke(shown.rect, 0.0, stroke, kind);
                }
                None => {
                    ui.weak(if self.waits { "Drawing a preview…" } else { "No preview" });
                }
            }
        });
    }
}

/// What a size is called.
pub(super) fn size_name(size: SizeChoice) -> &'static str {
    match size {
        SizeChoice::Screen(_) => "As on screen",
        SizeChoice::Usual(Preset::Column) => "One column, 8.6 cm",
        SizeChoice::Usual(Preset::TwoColumns) => "Two columns, 17.8 cm",
        SizeChoice::Usual(Preset::Slide) => "Slide, 16:9",
        SizeChoice::Usual(Preset::FourK) => "4k, 3840 × 2160",
        SizeChoice::Usual(Preset::EightK) => "8k, 7680 × 4320",
        SizeChoice::Own => "As typed below",
    }
}

pub(super) fn behind_name(behind: Behind) -> &'static str {
    match behind {
        Behind::Screen => "As on screen",
        Behind::White => "White",
        Behind::Dark => "Dark",
        Behind::Paper => "Paper: only data in colour",
        Behind::Transparent => "Transparent",
    }
}

/// Draws the dialog; `screen` is the window, and `command` makes the flags of everything else.
pub(super) fn save_ui(
    ctx: &Context,
    state: &mut SaveState,
    screen: Screen,
    command: impl FnOnce(&PageChoice, &str) -> Result<String, Vec<&'static str>>,
) -> Option<Command> {
    let SaveState { destination, choice, preview } = state;
    let typed = destination.path.clone();
    let mut copied = None;
    let decision = destination.dialog(ctx, "Save picture", WIDTH, with_extension, |ui| {
        ui.horizontal_top(|ui| {
            ui.vertical(|ui| {
                ui.set_width(WIDTH - PREVIEW.x - 24.0);
                choice_ui(ui, choice, screen);
            });
            ui.vertical(|ui| preview.ui(ui));
        });
        parts_ui(ui, choice, screen);
        if !preview.told.is_empty() {
            // However much there is to tell, the buttons stay on the screen.
            ScrollArea::vertical().max_height(TOLD).show(ui, |ui| {
                for told in &preview.told {
                    ui.weak(told);
                }
            });
        }
        let out = with_extension(typed.trim()).display().to_string();
        let line = command(choice, &out);
        ui.horizontal(|ui| {
            if ui.button("Copy command").on_hover_text("It draws the same picture").clicked() {
                copied = Some(out);
            }
            match &line {
                Ok(line) => {
                    let text = RichText::new(line).monospace().small();
                    ui.add(Label::new(text).selectable(true).truncate()).on_hover_text(line);
                }
                Err(unsaid) => {
                    let unsaid = unsaid.join(", nor ");
                    let text = format!("flags cannot say {unsaid}: a session is saved with it");
                    ui.add(Label::new(RichText::new(&text).weak()).truncate()).on_hover_text(text);
                }
            }
        });
        ui.weak("The name says the kind: .png, .svg, .pdf");
    });
    if let Some(out) = copied {
        return Some(Command::CopyCommandOf { page: Box::new(choice.clone()), out });
    }
    match decision? {
        Decision::Browse => Some(Command::BrowseForPicture),
        Decision::Save(path, replace) => {
            let Some(format) = PictureFormat::of(&path) else {
                destination.refuse("The name has to end in .png, .svg or .pdf".to_owned());
                return None;
            };
            if let Err(problem) = choice.page(screen, format) {
                destination.refuse(problem);
                return None;
            }
            Some(Command::SavePicture { path, page: Box::new(choice.clone()), replace })
        }
    }
}

/// The size of the page, and what lies behind it.
fn choice_ui(ui: &mut Ui, choice: &mut PageChoice, screen: Screen) {
    let factor = match choice.size {
        SizeChoice::Screen(factor) => factor,
        SizeChoice::Usual(_) | SizeChoice::Own => 2,
    };
    let mut sizes = vec![SizeChoice::Screen(factor)];
    sizes.extend(Preset::ALL.map(SizeChoice::Usual));
    sizes.push(SizeChoice::Own);
    pick_ui(ui, "Size", &mut choice.size, &sizes, size_name);
    if let SizeChoice::Screen(factor) = &mut choice.size {
        row_ui(ui, "Times", |ui, _| {
            for times in [1, 2, 4] {
                ui.radio_value(factor, times, format!("{times}×"));
            }
        });
    } else {
        let usual = match choice.size {
            SizeChoice::Usual(_) => "as usual",
            _ => "8.6cm, 3.4in, 1200px",
        };
        text_ui(ui, "Width", &mut choice.width, usual);
        text_ui(ui, "Height", &mut choice.height, "to match");
        text_ui(ui, "Dots per inch", &mut choice.dpi, "as usual");
    }
    let all = [Behind::Screen, Behind::White, Behind::Dark, Behind::Paper, Behind::Transparent];
    pick_ui(ui, "Background", &mut choice.behind, &all, behind_name);
    text_ui(ui, "Font size", &mut choice.font, "points, as usual");
    match choice.page(screen, PictureFormat::Png) {
        Ok(chosen) => {
            let [width, height] = chosen.pixels();
            let set = if chosen.style.print { ", set for print" } else { "" };
            ui.weak(format!("{width} × {height} pixels{set}"));
        }
        Err(problem) => drop(ui.colored_label(ui.visuals().warn_fg_color, problem)),
    }
}

/// What stands around the plot.
fn parts_ui(ui: &mut Ui, choice: &mut PageChoice, screen: Screen) {
    let is_print = choice.page(screen, PictureFormat::Png).is_ok_and(|page| page.style.print);
    ui.add_enabled_ui(choice.title, |ui| {
        text_ui(ui, "Own title", &mut choice.own_title, "as usual").on_hover_text(MARKUP);
    });
    ui.columns_const(|[left, right]| {
        text_ui(left, "x axis", &mut choice.x_label, "as usual").on_hover_text(MARKUP);
        text_ui(right, "y axis", &mut choice.y_label, "as usual").on_hover_text(MARKUP);
    });
    ui.horizontal(|ui| {
        ui.checkbox(&mut choice.title, "Title");
        ui.add_enabled_ui(choice.title, |ui| {
            usual_ui(ui, "Subtitle", &mut choice.subtitle, !is_print);
        });
        ui.checkbox(&mut choice.bar, "Colour bar");
        ui.add_enabled_ui(choice.bar, |ui| ui.checkbox(&mut choice.legend, "Legend"));
        usual_ui(ui, "Grid", &mut choice.grid, !is_print);
        ui.checkbox(&mut choice.frame, "Frame");
    });
    ui.checkbox(&mut choice.embeds_paths, "Tell the whole paths of its files").on_hover_text(
        "The picture can be opened again: it finds its files beside it by their names, or by these paths",
    );
}

/// A switch that is as `usual` until it is clicked.
fn usual_ui(ui: &mut Ui, label: &str, switch: &mut Option<bool>, usual: bool) {
    let mut on = switch.unwrap_or(usual);
    if ui.checkbox(&mut on, label).changed() {
        *switch = Some(on).filter(|on| *on != usual);
    }
}

fn text_ui(ui: &mut Ui, label: &str, text: &mut String, hint: &str) -> Response {
    row_ui(ui, label, |ui, id| {
        let field = TextEdit::singleline(text).hint_text(hint);
        ui.add(field.desired_width(ui.available_width())).labelled_by(id)
    })
}

/// The path with `.png` behind it if it has no ending of a picture.
fn with_extension(text: &str) -> PathBuf {
    let path = PathBuf::from(text);
    if PictureFormat::of(&path).is_some() { path } else { with_end(text, "png") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_picture_is_a_png_file_unless_its_name_says_otherwise() {
        assert_eq!(with_extension("a"), PathBuf::from("a.png"));
        assert_eq!(with_extension("a.PNG"), PathBuf::from("a.PNG"));
        assert_eq!(with_extension("a.pdf"), PathBuf::from("a.pdf"));
        assert_eq!(with_extension("v1.2"), PathBuf::from("v1.2.png"));
    }
}
