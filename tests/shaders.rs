//! The shaders, read by naga as the device's driver will: they are valid WGSL, need no optional
//! feature, and lay out their data as the mirrors in Rust do. Needs no adapter.

use std::collections::BTreeSet;
use std::mem::{offset_of, size_of};

use naga::{
    AddressSpace, Module, ShaderStage, TypeInner,
    back::{PipelineConstants, glsl, hlsl, msl, pipeline_constants::process_overrides, spv},
    proc::{BoundsCheckPolicies, Layouter},
    valid::{Capabilities, ModuleInfo, ValidationFlags, Validator},
};
use sigmascope::gpu::{
    FastForm, backdrop, dots, fast_cells, fast_convolve, fast_gather, field, gauss_sum, layer,
    raster, scatter, scatter_space,
    sum_plan::all_shapes,
    variant::{self, Exactness, Terms, Variant, WORKGROUP_MEMORY},
};

/// Storage buffers that an entry point may use: those of the most limited devices.
const MAX_STORAGE_BUFFERS: usize = 4;

/// One shader and what Rust knows of it.
struct Shader {
    /// Name of the file in `shaders/` that has the entry points.
    file: &'static str,
    /// The files that are compiled with it.
    others: &'static [&'static str],
    source: &'static str,
    structs: Vec<Mirror>,
    /// Constants that stand in both languages.
    constants: &'static [(&'static str, usize)],
    /// Invocations of a workgroup of every compute entry point, unless a variant says otherwise.
    workgroup: usize,
}

/// A structure in Rust: its name, size, and the name and offset of each member.
struct Mirror {
    name: &'static str,
    size: usize,
    members: Vec<(&'static str, usize)>,
}

/// Names every member of a structure, or does not compile.
macro_rules! mirror {
    ($module:ident :: $name:ident { $($member:ident),+ $(,)? }) => {{
        let _every_member = |whole: $module::gpu_data::$name| {
            let $module::gpu_data::$name { $($member: _),+ } = whole;
        };
        Mirror {
            name: stringify!($name),
            size: size_of::<$module::gpu_data::$name>(),
            members: vec![
                $((stringify!($member), offset_of!($module::gpu_data::$name, $member))),+
            ],
        }
    }};
}

/// The kernel of the exact sum with some kind of terms.
fn kernel(terms: Terms) -> Shader {
    Shader {
        file: "gauss_sum.wgsl",
        others: match terms {
            Terms::Looped => &["gauss_slice.wgsl", "gauss_sum_few.wgsl", "gauss_sum_looped.wgsl"],
            Terms::Unrolled => {
                &["gauss_slice.wgsl", "gauss_sum_few.wgsl", "gauss_sum_unrolled.wgsl"]
            }
            Terms::Blocks => {
                &["gauss_slice.wgsl", "gauss_sum_looped.wgsl", "gauss_sum_blocks.wgsl"]
            }
            Terms::Wide => &["gauss_slice.wgsl", "gauss_sum_looped.wgsl", "gauss_sum_wide.wgsl"],
            Terms::Extended => {
                &["gauss_slice.wgsl", "gauss_sum_looped.wgsl", "gauss_sum_extended.wgsl"]
            }
        },
        source: gauss_sum::kernel(terms),
        structs: vec![slice()],
        constants: &[("GROUP", variant::GROUP), ("RUN", variant::RUN), ("BLOCK", variant::BLOCK)],
        workgroup: gauss_sum::WORKGROUP,
    }
}

fn slice() -> Mirror {
    mirror!(gauss_sum::Slice {
        first_target,
        end_target,
        first_source,
        end_source,
        chunk,
        fresh,
        zero,
        c,
        c_head,
        c_tail,
        low_scale,
        shift,
        far,
        target_quads,
        targets_low,
        sources_low,
        weights,
        part_length,
        parts,
        out_first,
        out_stride,
        first_item,
        items_at,
        order_at,
        enough,
    })
}

fn shaders() -> Vec<Shader> {
    let mut shaders = Vec::from(Terms::ALL.map(kernel));
    shaders.extend(other_shaders());
    shaders
}

fn other_shaders() -> Vec<Shader> {
    vec![
        Shader {
            file: "gauss_combine.wgsl",
            others: &["gauss_slice.wgsl"],
            source: gauss_sum::COMBINE_SHADER,
            structs: vec![slice()],
            constants: &[("WORKGROUP", gauss_sum::WORKGROUP)],
            workgroup: gauss_sum::WORKGROUP,
        },
        Shader {
            file: "fast_cells.wgsl",
            others: &[],
            source: fast_cells::SHADER,
            structs: vec![mirror!(fast_cells::Walk {
                first,
                end,
                targets,
                node,
                end_node,
                nodes,
                fours,
                fresh,
                zero,
                c,
                reach,
                padding,
            })],
            constants: &[("BLOCK", fast_cells::BLOCK), ("LEAF", fast_cells::LEAF)],
            workgroup: fast_cells::BLOCK,
        },
        Shader {
            file: "fast_convolve.wgsl",
            others: &[],
            source: fast_convolve::SHADER,
            structs: vec![mirror!(fast_convolve::Pass {
                first,
                end,
                stride,
                count,
                reach,
                padding,
            })],
            constants: &[("WORKGROUP", fast_convolve::WORKGROUP)],
            workgroup: fast_convolve::WORKGROUP,
        },
        Shader {
            file: "fast_gather.wgsl",
            others: &[],
            source: fast_gather::SHADER,
            structs: vec![
                mirror!(fast_gather::Gather {
                    first_cell,
                    block_bits,
                    moved_at,
                    first,
                    end,
                    stride_1,
                    stride_2,
                    shift,
                    scale,
                    floor,
                    padding,
                }),
                mirror!(fast_gather::Window { polynomials }),
            ],
            constants: &[
                ("WORKGROUP", fast_gather::WORKGROUP),
                ("POLYNOMIALS", fast_gather::POLYNOMIALS),
            ],
            workgroup: fast_gather::WORKGROUP,
        },
        Shader {
            file: "field.wgsl",
            others: &[],
            source: field::SHADER,
            structs: vec![
                mirror!(field::Work { n, curve, low, high, scale, floor, sharpness, padding }),
                mirror!(field::Range {
                    max_key,
                    inverted_min_key,
                    inverted_min_positive_key,
                    zeros,
                    below,
                    above,
                    padding,
                    bins,
                }),
            ],
            constants: &[("WORKGROUP", gauss_sum::WORKGROUP), ("BINS", sigmascope::gpu::BINS)],
            workgroup: gauss_sum::WORKGROUP,
        },
        Shader {
            file: "dots.wgsl",
            others: &[],
            source: dots::SHADER,
            structs: vec![mirror!(dots::Work { n, has_order, padding })],
            constants: &[("WORKGROUP", gauss_sum::WORKGROUP)],
            workgroup: gauss_sum::WORKGROUP,
        },
        Shader {
            file: "scatter.wgsl",
            others: &[],
            source: scatter::SHADER,
            structs: vec![
                mirror!(scatter_space::Space {
                    x,
                    y,
                    z,
                    w,
                    slab,
                    slab_low,
                    slab_high,
                    distance,
                    padding,
                }),
                mirror!(scatter::View {
                    center,
                    center_low,
                    clip_per_data,
                    clip_per_pixel,
                    radius,
                    opacity,
                    low,
                    per_range,
                    middle,
                    curve,
                    height_is_value,
                    rim,
                    below,
                    rest,
                    sharpness,
                    drawn,
                    padding,
                }),
            ],
            constants: &[],
            workgroup: 0,
        },
        Shader {
            file: "backdrop.wgsl",
            others: &[],
            source: backdrop::SHADER,
            structs: vec![],
            constants: &[],
            workgroup: 0,
        },
        Shader {
            file: "raster.wgsl",
            others: &[],
            source: raster::SHADER,
            structs: vec![mirror!(raster::Place { origin, per_pixel, opacity, padding })],
            constants: &[],
            workgroup: 0,
        },
        Shader {
            file: "layer.wgsl",
            others: &[],
            source: layer::SHADER,
            structs: vec![mirror!(layer::Place { corner, opacity, padding })],
            constants: &[],
            workgroup: 0,
        },
    ]
}

impl Shader {
    /// The shader as naga understands it, with no capability beyond WebGPU's defaults.
    fn read(&self) -> (Module, ModuleInfo) {
        let file = self.file;
        let module = naga::front::wgsl::parse_str(self.source)
            .unwrap_or_else(|err| panic!("{}", err.emit_to_string_with_path(self.source, file)));
        let info = Validator::new(ValidationFlags::all(), Capabilities::default())
            .validate(&module)
            .unwrap_or_else(|err| panic!("{}", err.emit_to_string_with_path(self.source, file)));
        (module, info)
    }
}

#[test]
fn every_shader_is_valid_without_optional_features() {
    for shader in shaders() {
        let (module, _) = shader.read();
        assert!(!module.entry_points.is_empty(), "{} does nothing", shader.file);
    }
}

#[test]
fn every_file_of_the_folder_is_looked_at_here() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("shaders");
    let found: BTreeSet<String> = std::fs::read_dir(folder)
        .expect("the folder of shaders")
        .map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned())
        .collect();
    let files = |shader: Shader| [&[shader.file], shader.others].concat();
    let known = shaders().into_iter().flat_map(files).map(str::to_owned).collect();
    assert_eq!(found, known);
}

#[test]
fn the_mirrors_in_rust_lay_out_each_structure_as_the_shader_does() {
    for shader in shaders() {
        let (module, _) = shader.read();
        for (_, variable) in module.global_variables.iter() {
            if !matches!(variable.space, AddressSpace::Uniform | AddressSpace::Storage { .. }) {
                continue;
            }
            let ty = &module.types[variable.ty];
            let file = shader.file;
            match &ty.inner {
                TypeInner::Struct { members, span } => {
                    let name = ty.name.as_deref().expect("structures have names");
                    let mirror = shader.structs.iter().find(|mirror| mirror.name == name);
                    let mirror = mirror.unwrap_or_else(|| panic!("{file}: {name} has no mirror"));
                    assert_eq!(*span as usize, mirror.size, "{file}: size of {name}");
                    let is_data = |name: &str| !name.starts_with("padding");
                    let members: Vec<_> = members
                        .iter()
                        .map(|m| (m.name.as_deref().unwrap_or_default(), m.offset as usize))
                        .filter(|(name, _)| is_data(name))
                        .collect();
                    let expected: Vec<_> =
                        mirror.members.iter().copied().filter(|(name, _)| is_data(name)).collect();
                    assert_eq!(members, expected, "{file}: {name}");
                }
                TypeInner::Array { stride, .. } => {
                    let element = match (file, variable.name.as_deref()) {
                        (_, Some("field" | "places" | "moved" | "lists"))
                        | ("dots.wgsl", _)
                        | ("fast_gather.wgsl", Some("grid"))
                        | ("fast_cells.wgsl", Some("targets")) => 4,
                        // Four numbers at once.
                        (
                            _,
                            Some("targets" | "sources" | "tree" | "taps" | "grid" | "convolved"),
                        ) => 16,
                        // A sum and its rounding error.
                        _ => 8,
                    };
                    assert_eq!(*stride, element, "{file}: {:?}", variable.name);
                }
                other => panic!("{file}: {:?} is {other:?}", variable.name),
            }
        }
    }
}

#[test]
fn constants_are_the_same_in_both_languages() {
    for shader in shaders() {
        let (module, _) = shader.read();
        for &(name, expected) in shader.constants {
            let (_, constant) = module
                .constants
                .iter()
                .find(|(_, constant)| constant.name.as_deref() == Some(name))
                .unwrap_or_else(|| panic!("{}: there is no {name}", shader.file));
            let value = match module.global_expressions[constant.init] {
                naga::Expression::Literal(naga::Literal::U32(value)) => value as usize,
                ref other => panic!("{}: {name} is {other:?}", shader.file),
            };
            assert_eq!(value, expected, "{}: {name}", shader.file);
        }
    }
}

/// One pipeline: an entry point with the overrides that the program gives it.
struct Pipeline {
    entry: (ShaderStage, String),
    constants: PipelineConstants,
    workgroup: usize,
}

/// Every form of the kernel that can be asked for, in dimensions that stand for all.
fn variants() -> Vec<Variant> {
    let mut variants = Vec::new();
    for dim in [1, 2, 3, 4, 5, 8, 31, 64] {
        for exactness in Exactness::ALL {
            for weighted in [false, true] {
                for shape in all_shapes(dim, exactness) {
                    for listed in [false, true] {
                        let variant = Variant { dim, exactness, weighted, shape, listed };
                        if !listed || variant.can_list() {
                            variants.push(variant);
                        }
                    }
                }
            }
        }
    }
    variants
}

impl Shader {
    /// All pipelines of this shader.
    fn pipelines(&self, module: &Module) -> Vec<Pipeline> {
        let mut pipelines = Vec::new();
        for entry in &module.entry_points {
            let mut push = |constants: &[(&str, f64)], workgroup| {
                pipelines.push(Pipeline {
                    entry: (entry.stage, entry.name.clone()),
                    constants: constants.iter().map(|&(name, v)| (name.to_owned(), v)).collect(),
                    workgroup,
                });
            };
            match (self.file, entry.name.as_str()) {
                ("gauss_sum.wgsl", "gauss_sum") => {
                    for variant in variants() {
                        if self.source == gauss_sum::kernel(variant.terms()) {
                            push(&variant.constants(), variant.shape.workgroup);
                        }
                    }
                }
                ("fast_gather.wgsl", _) => {
                    for dim in [1, 2, 3] {
                        for (width, terms) in [(4, 7), (8, 9), (12, 11)] {
                            let form = FastForm::Gather { dim, width, terms };
                            assert_eq!(form.entry(), entry.name);
                            push(&form.constants(), self.workgroup);
                        }
                    }
                }
                ("fast_cells.wgsl", _) => {
                    for dim in [1, 2, 3] {
                        let form = FastForm::Cells { dim };
                        assert_eq!(form.entry(), entry.name);
                        push(&form.constants(), self.workgroup);
                    }
                }
                ("backdrop.wgsl", _) => {
                    push(&[("red", 0.1), ("green", 0.2), ("blue", 1.0)], self.workgroup);
                }
                ("scatter.wgsl", _) => {
                    push(&[("equalised", 0.0)], self.workgroup);
                    push(&[("equalised", 1.0), ("linear_target", 1.0)], self.workgroup);
                }
                _ => push(&[], self.workgroup),
            }
        }
        pipelines
    }

    /// Hands each pipeline to `look`, as it is once its overrides have their values.
    fn each_pipeline(&self, mut look: impl FnMut(&str, &Pipeline, &Module, &ModuleInfo)) {
        let (module, info) = self.read();
        for pipeline in self.pipelines(&module) {
            let Pipeline { entry: (stage, name), constants, .. } = &pipeline;
            let place = format!("{}: {name} {constants:?}", self.file);
            let (module, info) = process_overrides(&module, &info, Some((*stage, name)), constants)
                .unwrap_or_else(|err| panic!("{place}: {err}"));
            look(&place, &pipeline, &module, &info);
        }
    }
}

#[test]
fn each_entry_point_keeps_within_what_every_device_has() {
    for shader in shaders() {
        shader.each_pipeline(|place, pipeline, module, info| {
            let mut layouter = Layouter::default();
            layouter.update(module.to_ctx()).expect("sizes of types");
            // Those of other entry points may be there, too.
            let index = module.entry_points.iter().position(|e| e.name == pipeline.entry.1);
            let index = index.expect("the entry point");
            let entry = &module.entry_points[index];
            let used = info.get_entry_point(index);
            let uses = |space: fn(&AddressSpace) -> bool| {
                module
                    .global_variables
                    .iter()
                    .filter(move |(handle, v)| space(&v.space) && !used[*handle].is_empty())
            };
            let buffers = uses(|space| matches!(space, AddressSpace::Storage { .. })).count();
            let memory: u32 = uses(|space| matches!(space, AddressSpace::WorkGroup))
                .map(|(_, variable)| layouter[variable.ty].size)
                .sum();
            assert!(buffers <= MAX_STORAGE_BUFFERS, "{place} uses {buffers} storage buffers");
            assert!(memory as usize <= WORKGROUP_MEMORY, "{place} uses {memory} bytes");
            if entry.stage == ShaderStage::Compute {
                let size = entry.workgroup_size.map(|side| side as usize);
                assert_eq!(size, [pipeline.workgroup, 1, 1], "{place}");
            }
        });
    }
}

#[test]
fn every_pipeline_can_be_written_for_vulkan() {
    let options = spv::Options::default();
    for shader in shaders() {
        shader.each_pipeline(|place, Pipeline { entry: (stage, name), .. }, module, info| {
            let entry = spv::PipelineOptions { shader_stage: *stage, entry_point: name.clone() };
            let words = spv::write_vec(module, info, &options, Some(&entry));
            let words = words.unwrap_or_else(|err| panic!("{place}: {err}"));
            assert_eq!(words.first(), Some(&0x0723_0203), "{place}");
        });
    }
}

#[test]
fn every_pipeline_can_be_written_for_metal() {
    let options = msl::Options { lang_version: (2, 0), ..Default::default() };
    for shader in shaders() {
        shader.each_pipeline(|place, Pipeline { entry, .. }, module, info| {
            let entry =
                msl::PipelineOptions { entry_point: Some(entry.clone()), ..Default::default() };
            let written = msl::write_string(module, info, &options, &entry);
            let (text, about) = written.unwrap_or_else(|err| panic!("{place}: {err}"));
            assert!(text.contains("#include <metal_stdlib>"), "{place}");
            let names = about.entry_point_names;
            assert!(names.len() == 1 && names[0].is_ok(), "{place}: {names:?}");
        });
    }
}

#[test]
fn every_pipeline_can_be_written_for_direct3d() {
    let options = hlsl::Options::default();
    for shader in shaders() {
        shader.each_pipeline(|place, Pipeline { entry, .. }, module, info| {
            let entry = hlsl::PipelineOptions { entry_point: Some(entry.clone()) };
            let mut text = String::new();
            let written = hlsl::Writer::new(&mut text, &options, &entry).write(module, info, None);
            let names = written.unwrap_or_else(|err| panic!("{place}: {err}")).entry_point_names;
            assert!(names.len() == 1 && names[0].is_ok(), "{place}: {names:?}");
            assert!(!text.is_empty(), "{place}");
        });
    }
}

#[test]
fn every_pipeline_can_be_written_for_opengl_es() {
    let options = glsl::Options { version: glsl::Version::new_gles(310), ..Default::default() };
    for shader in shaders() {
        shader.each_pipeline(|place, Pipeline { entry: (stage, name), .. }, module, info| {
            let entry = glsl::PipelineOptions {
                shader_stage: *stage,
                entry_point: name.clone(),
                multiview: None,
            };
            let mut text = String::new();
            let policies = BoundsCheckPolicies::default();
            glsl::Writer::new(&mut text, module, info, &options, &entry, policies)
                .and_then(|mut writer| writer.write())
                .unwrap_or_else(|err| panic!("{place}: {err}"));
            assert!(text.starts_with("#version 310 es"), "{place}");
        });
    }
}
