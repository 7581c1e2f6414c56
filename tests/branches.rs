//! No shader branches on uniforms alone: Mesa's software rasteriser compiles such a shader anew for each
//! value of them, which costs a frame, and keeps them all. Needs no adapter.

use naga::{AddressSpace, Block, Expression, Function, Handle, Module, Statement};
use sigmascope::gpu::{gauss_sum, variant::Terms};

/// Whether a number depends on uniforms and on nothing else that changes.
fn is_uniform(module: &Module, function: &Function, expression: Handle<Expression>) -> bool {
    let mut uniforms = 0;
    let mut open = vec![expression];
    while let Some(expression) = open.pop() {
        match function.expressions[expression] {
            Expression::Literal(_) | Expression::Constant(_) | Expression::Override(_) => {}
            Expression::GlobalVariable(variable) => {
                if module.global_variables[variable].space != AddressSpace::Uniform {
                    return false;
                }
                uniforms += 1;
            }
            Expression::Load { pointer } => open.push(pointer),
            Expression::AccessIndex { base, .. } => open.push(base),
            Expression::Unary { expr, .. } | Expression::As { expr, .. } => open.push(expr),
            Expression::Splat { value, .. } => open.push(value),
            Expression::Swizzle { vector, .. } => open.push(vector),
            Expression::Binary { left, right, .. } => open.extend([left, right]),
            Expression::Select { condition, accept, reject } => {
                open.extend([condition, accept, reject]);
            }
            Expression::Compose { ref components, .. } => open.extend(components),
            Expression::Math { arg, arg1, arg2, arg3, .. } => {
                open.push(arg);
                open.extend([arg1, arg2, arg3].into_iter().flatten());
            }
            _ => return false,
        }
    }
    uniforms > 0
}

/// How many branches of a block are decided by uniforms alone.
fn uniform_branches(module: &Module, function: &Function, block: &Block) -> usize {
    let inside = |block: &Block| uniform_branches(module, function, block);
    let of = |statement: &Statement| match statement {
        Statement::Block(block) => inside(block),
        Statement::If { condition, accept, reject } => {
            let here = usize::from(is_uniform(module, function, *condition));
            here + inside(accept) + inside(reject)
        }
        Statement::Switch { selector, cases } => {
            let here = usize::from(is_uniform(module, function, *selector));
            here + cases.iter().map(|case| inside(&case.body)).sum::<usize>()
        }
        Statement::Loop { body, continuing, break_if } => {
            let here = break_if.is_some_and(|condition| is_uniform(module, function, condition));
            usize::from(here) + inside(body) + inside(continuing)
        }
        _ => 0,
    };
    block.iter().map(of).sum()
}

fn branches_of(source: &str) -> Vec<(String, usize)> {
    let module = naga::front::wgsl::parse_str(source).expect("a shader");
    let functions = module.functions.iter().map(|(_, function)| function);
    let entries = module.entry_points.iter().map(|entry| (entry.name.clone(), &entry.function));
    functions
        .map(|function| (function.name.clone().unwrap_or_default(), function))
        .chain(entries)
        .map(|(name, function)| (name, uniform_branches(&module, function, &function.body)))
        .collect()
}

/// All shaders, as they are compiled: a name, and the source.
fn shaders() -> Vec<(String, String)> {
    let kernel = |terms| (format!("gauss_sum with {terms:?}"), gauss_sum::kernel(terms).to_owned());
    let mut shaders = Vec::from(Terms::ALL.map(kernel));
    shaders.push(("gauss_combine".to_owned(), gauss_sum::COMBINE_SHADER.to_owned()));
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("shaders");
    for entry in std::fs::read_dir(folder).expect("the folder of shaders") {
        let entry = entry.expect("an entry");
        let name = entry.file_name().to_string_lossy().into_owned();
        // Those are parts of what is above.
        if !name.starts_with("gauss_") {
            shaders.push((name, std::fs::read_to_string(entry.path()).expect("a shader")));
        }
    }
    shaders
}

#[test]
fn no_shader_branches_on_uniforms_alone() {
    for (name, source) in shaders() {
        for (function, count) in branches_of(&source) {
            assert_eq!(count, 0, "{name}: {function} has such branches");
        }
    }
}

#[test]
fn such_a_branch_is_found() {
    let source = "
        struct Work { n: u32, some: u32 }
        @group(0) @binding(0) var<uniform> work: Work;
        @group(0) @binding(1) var<storage, read_write> out: array<u32>;
        @compute @workgroup_size(64)
        fn main(@builtin(global_invocation_id) id: vec3<u32>) {
            if id.x < work.n {
                let either = work.some == 1u || work.n > 7u;
                if max(work.some, 2u) > 3u {
                    out[id.x] = u32(either);
                }
            }
        }";
    // The one in plain sight, and the one that `||` is.
    assert_eq!(branches_of(source), [("main".to_owned(), 2)]);
}
