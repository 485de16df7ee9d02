//! Both handlers of a tool that was built with zig, checked as `up` checks them before an upload.

use orders_lab::artifact::{Architecture, Handler, Platform, Source, System, load};

#[test]
#[ignore = "needs a build with ORDERS_LAB_ARCHITECTURES, which .ci/zig makes"]
#[expect(clippy::print_stdout, reason = "CI shows what was tried")]
fn embedded_handlers_fit_lambda() {
    let names = std::env::var("ORDERS_LAB_ARCHITECTURES").expect("what was built");
    for name in names.split(',') {
        let wanted = Architecture::from_name(name).expect("an architecture of Lambda");
        for handler in [Handler::Simulator, Handler::Processor] {
            let artifact = load(handler, &Source::Embedded, Some(wanted)).expect("embedded");
            artifact.check(Platform::Lambda).expect("fit for Lambda");
            let program = artifact.program;
            assert_eq!(program.architecture, wanted);
            let System::Linux { glibc, interpreter } = program.system else {
                panic!("zig builds for Linux here");
            };
            let glibc = glibc.expect("linked with glibc");
            let loader = interpreter.expect("loaded by glibc");
            let bytes = artifact.zip.len();
            println!("{handler} {wanted}: glibc {glibc}, {loader}, zip of {bytes} bytes");
        }
    }
}
