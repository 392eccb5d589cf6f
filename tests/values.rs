//! Lowering and evaluation on short templates, and on every template at hand.

use std::path::{Path, PathBuf};

use kmslint::resolve::{Atom, Environment, Guard, Links, Resolved, Scope, StackId, Symbol, Text, Value, Worlds};
use kmslint::source::{FileId, SourceFile, Span};
use kmslint::template::{Form, Template, is_template, lower};

/// No other stack is in view; parameters are what the list says.
pub(crate) struct Alone(pub(crate) Vec<(String, String)>);

impl Links for Alone {
    fn stored(&self, _: StackId, _: &str) -> Option<Text> {
        None
    }

    fn import(&self, _: StackId, name: &Text, _: Span) -> Resolved<Value> {
        Resolved::Known(Value::Text(Text::symbol(Symbol::Import(name.canonical()))))
    }

    fn stack_output(&self, _: StackId, name: &Text, output: &Text, _: Span) -> Resolved<Value> {
        Resolved::Known(Value::Text(Text::symbol(Symbol::Output(name.canonical(), output.canonical()))))
    }

    fn nested_output(&self, stack: StackId, child: &str, output: &str, _: Span) -> Resolved<Value> {
        Resolved::Known(Value::Text(Text::symbol(Symbol::Attribute(stack, child.to_owned(), output.to_owned()))))
    }

    fn parameter(&self, _: StackId, name: &str, _: Span) -> Option<Resolved<Value>> {
        let (_, value) = self.0.iter().find(|(parameter, _)| parameter == name)?;
        Some(Resolved::Known(Value::Text(Text::literal(value))))
    }
}

pub(crate) const STACK: StackId = StackId(0);

pub(crate) fn environment() -> Environment {
    Environment {
        account: Text::symbol(Symbol::Account(STACK)),
        region: Text::symbol(Symbol::Region(STACK)),
        partition: Text::symbol(Symbol::Partition(STACK)),
        stack_name: Text::symbol(Symbol::Pseudo(STACK, "AWS::StackName".to_owned())),
    }
}

pub(crate) fn template(text: &str) -> Template {
    let source = SourceFile::new(FileId(0), "t.yaml".to_owned(), text.to_owned());
    lower(&kmslint::syntax::parse(&source))
}

/// Evaluates in a stack whose parameters are supplied as listed.
pub(crate) fn in_stack<T>(template: &Template, supplied: &[(&str, &str)], run: impl FnOnce(&Scope<'_>) -> T) -> T {
    let links = Alone(supplied.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect());
    let environment = environment();
    let given = |name: &str| links.0.iter().find(|(id, _)| id == name).map(|(_, value)| Text::literal(value));
    let worlds = Worlds::new(template, STACK, &environment, &given);
    run(&Scope { stack: STACK, template, environment: &environment, links: &links, worlds: &worlds })
}

/// The folder with templates that are not part of the project, where it stands beside it.
fn shared() -> Option<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    ["../shared", "../../shared"].iter().map(|path| root.join(path)).find(|path| path.is_dir())
}

fn files(folder: &Path, into: &mut Vec<PathBuf>) {
    let mut entries: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    entries.sort();
    for path in entries {
        if path.is_dir() {
            files(&path, into);
        } else if path.extension().is_some_and(|kind| ["yaml", "yml", "json", "template"].iter().any(|k| kind == *k)) {
            into.push(path);
        }
    }
}

#[test]
fn every_template_at_hand_is_lowered_and_evaluated() {
    let Some(shared) = shared() else { return };
    let mut paths = Vec::new();
    files(&shared.join("corpus"), &mut paths);
    files(&shared.join("cases"), &mut paths);
    for path in paths {
        let text = String::from_utf8_lossy(&std::fs::read(&path).unwrap()).into_owned();
        let source = SourceFile::new(FileId(0), path.display().to_string(), text);
        let tree = kmslint::syntax::parse(&source);
        if !is_template(&tree) {
            continue;
        }
        let template = lower(&tree);
        in_stack(&template, &[], |scope| {
            for resource in &template.resources {
                let value = scope.value(&resource.properties);
                assert_eq!(value.span, resource.properties.span);
                assert!(template.path_of(value.span).starts_with("Resources."), "{}", path.display());
            }
            for output in &template.outputs {
                for expr in output.export.iter().chain([&output.value]) {
                    assert_eq!(scope.value(expr).span, expr.span);
                }
            }
            for (name, definition) in &template.conditions {
                assert!(matches!(definition.form, Form::Logic(_)), "{} {}", name.value, path.display());
            }
        });
    }
}

/// The value of output `O`, with its guards, for people.
fn shown(text: &str, supplied: &[(&str, &str)]) -> String {
    let template = template(text);
    let output = template.output("O").unwrap();
    in_stack(&template, supplied, |scope| shown_value(&scope.value(&output.value)))
}

fn shown_value(valued: &kmslint::resolve::Valued) -> String {
    let one = |value: &Value| match value {
        Value::Absent => "absent".to_owned(),
        Value::Null => "null".to_owned(),
        Value::Text(text) => text.to_string(),
        Value::List(items) => format!("[{}]", items.iter().map(shown_value).collect::<Vec<_>>().join(", ")),
        Value::Map(entries) => {
            let entries = entries.iter().map(|(key, value)| format!("{}: {}", key.value, shown_value(value)));
            format!("{{{}}}", entries.collect::<Vec<_>>().join(", "))
        }
        Value::Unknown(cause) => format!("unknown: {}", cause.why),
    };
    match &valued.value {
        Resolved::Known(value) => one(value),
        Resolved::Depends(branches) => {
            let branches = branches.iter().map(|(guard, value)| format!("{guard}: {}", one(value)));
            format!("<{}>", branches.collect::<Vec<_>>().join(" | "))
        }
    }
}

/// Evaluates an expression in a template with a bit of everything.
fn value(expression: &str) -> String {
    shown(&format!("{EVERYTHING}Outputs:\n  O:\n    Value: {expression}\n"), &[])
}

const EVERYTHING: &str = "
Transform: AWS::Serverless-2016-10-31
Parameters:
  Env: {Type: String, AllowedValues: [dev, prod], Default: dev}
  KeyArn: {Type: String}
  Names: {Type: CommaDelimitedList}
  Stored: {Type: AWS::SSM::Parameter::Value<String>, Default: /kms/arn}
  Number: {Type: Number, Default: 010}
Mappings:
  Accounts: {dev: {id: '111111111111'}, prod: {id: '222222222222'}}
  Regions: {eu-west-1: {same: s, other: a}, eu-west-2: {same: s, other: b}}
Conditions:
  IsProd: !Equals [!Ref Env, prod]
  IsDev: !Not [!Condition IsProd]
  Always: !Or [!Condition IsProd, !Condition IsDev]
Resources:
  Key: {Type: AWS::KMS::Key}
  Alias: {Type: AWS::KMS::Alias, Properties: {AliasName: !Sub 'alias/${Env}'}}
  Role: {Type: AWS::IAM::Role, Properties: {RoleName: !If [IsProd, app, !Ref AWS::NoValue], Path: /team/}}
  Policy: {Type: AWS::IAM::ManagedPolicy}
  Bucket: {Type: AWS::S3::Bucket, Properties: {BucketName: !Sub 'b-${AWS::AccountId}'}}
  Queue: {Type: AWS::SQS::Queue}
  Topic: {Type: AWS::SNS::Topic, Properties: {TopicName: t}}
  Logs: {Type: AWS::Logs::LogGroup, Properties: {LogGroupName: /x}}
  Secret: {Type: AWS::SecretsManager::Secret, Properties: {Name: s}}
  Fn: {Type: AWS::Serverless::Function}
  Own: {Type: AWS::Serverless::Function, Properties: {Role: x}}
  Child: {Type: AWS::CloudFormation::Stack}
  Loop: {Type: AWS::IAM::Role, Properties: {RoleName: !Sub '${Loop}${Loop}'}}
  Param: {Type: AWS::SSM::Parameter, Properties: {Name: /k, Value: !GetAtt Key.Arn}}
  Other: {Type: Custom::Thing}
";

#[test]
fn resources_are_text_with_holes() {
    let rows = [
        ("!Ref Key", "${Key}"),
        ("!GetAtt Key.Arn", "arn:${AWS::Partition}:kms:${AWS::Region}:${AWS::AccountId}:key/${Key}"),
        ("!Ref Alias", "alias/${Env}"),
        ("!Ref Role", "<IsProd is true: app | IsProd is false: ${Role}>"),
        (
            "!GetAtt Role.Arn",
            "<IsProd is true: arn:${AWS::Partition}:iam::${AWS::AccountId}:role/team/app | \
             IsProd is false: arn:${AWS::Partition}:iam::${AWS::AccountId}:role/team/${Role}>",
        ),
        ("!GetAtt Role.RoleId", "${Role.RoleId}"),
        ("!Ref Policy", "arn:${AWS::Partition}:iam::${AWS::AccountId}:policy/${Policy}"),
        ("!GetAtt Bucket.Arn", "arn:${AWS::Partition}:s3:::b-${AWS::AccountId}"),
        ("!Ref Queue", "${Queue.QueueUrl}"),
        ("!Ref Topic", "arn:${AWS::Partition}:sns:${AWS::Region}:${AWS::AccountId}:t"),
        ("!GetAtt Logs.Arn", "arn:${AWS::Partition}:logs:${AWS::Region}:${AWS::AccountId}:log-group:/x:*"),
        ("!Ref Secret", "arn:${AWS::Partition}:secretsmanager:${AWS::Region}:${AWS::AccountId}:secret:s-${Secret}"),
        ("!GetAtt FnRole.Arn", "arn:${AWS::Partition}:iam::${AWS::AccountId}:role/${FnRole}"),
        ("!GetAtt OwnRole.Arn", "unknown: `OwnRole` is not declared here"),
        ("!Ref Fn.Alias", "${Fn.Alias}"),
        ("!GetAtt Child.Outputs.KeyArn", "${Child.KeyArn}"),
        ("!Ref Loop", "${Loop.RoleName}${Loop.RoleName}"),
        ("!GetAtt Param.Value", "arn:${AWS::Partition}:kms:${AWS::Region}:${AWS::AccountId}:key/${Key}"),
        ("!GetAtt Other.Thing", "${Other.Thing}"),
        ("!Ref Other", "${Other}"),
        ("!Ref Nobody", "unknown: `Nobody` is not declared here"),
    ];
    for (expression, expected) in rows {
        assert_eq!(value(expression), expected, "{expression}");
    }
}

#[test]
fn functions_work_through_holes() {
    let rows = [
        ("!Select [1, !Split ['/', !Select [5, !Split [':', !GetAtt Key.Arn]]]]", "${Key}"),
        ("!Select [3, !Split [':', !GetAtt Key.Arn]]", "${AWS::Region}"),
        ("!Select [1, !Split ['/', !Ref KeyArn]]", "${select 1 of split `/` of ${KeyArn}}"),
        ("!Select [0, !Split [':', !Sub 'arn:${KeyArn}:x']]", "arn"),
        ("!Join ['/', !Split ['/', !Ref KeyArn]]", "${KeyArn}"),
        ("!Join ['-', !Split ['/', !Ref KeyArn]]", "${join `-` of split `/` of ${KeyArn}}"),
        ("!Split ['/', !Ref KeyArn]", "unknown: `${KeyArn}` may hold any number of `/`"),
        ("!Select [0, !Ref Names]", "${select 0 of ${Names}}"),
        ("!Select [7, [a]]", "unknown: the list has no element 7"),
        ("!FindInMap [Accounts, !Ref Env, id]", "<Env is `dev`: 111111111111 | Env is `prod`: 222222222222>"),
        ("!FindInMap [Accounts, prod, id]", "222222222222"),
        ("!FindInMap [Accounts, test, id]", "unknown: mapping `Accounts` has no key `test`"),
        ("!FindInMap [Accounts, test, id, {DefaultValue: d}]", "d"),
        ("!FindInMap [Regions, !Ref 'AWS::Region', same]", "s"),
        ("!FindInMap [Regions, !Ref 'AWS::Region', other]", "${Regions[${AWS::Region}][other]}"),
        ("{'Fn::ImportValue': !Sub '${Env}-key'}", "${import ${Env}-key}"),
        ("!Base64 x", "${base64 of x}"),
        ("!Length [a, !Ref KeyArn]", "2"),
        ("!Length {Ref: Names}", "unknown: the length of the list is not known"),
        ("!GetAZs ''", "unknown: `Fn::GetAZs` cannot be evaluated from here"),
        ("!Ref Stored", "{{resolve:ssm:/kms/arn}}"),
        ("!Sub '{{resolve:ssm:/kms/${Env}}}-x'", "{{resolve:ssm:/kms/${Env}}}-x"),
        (
            "!Join ['', ['{{resolve:secretsmanager:', !Ref Secret, '}}']]",
            "{{resolve:secretsmanager:arn:${AWS::Partition}:secretsmanager:${AWS::Region}:${AWS::AccountId}:secret:s-${Secret}}}",
        ),
        ("!Sub '${AWS::URLSuffix}'", "${AWS::URLSuffix}"),
    ];
    for (expression, expected) in rows {
        assert_eq!(value(expression), expected, "{expression}");
    }
}

#[test]
fn a_reference_split_over_pieces_is_one_symbol() {
    let text = Text::literal("a{{resolve:ssm:x}}b{{resolve:open").with_dynamic_references();
    let expected = [
        kmslint::resolve::Piece::Literal("a".to_owned()),
        kmslint::resolve::Piece::Symbol(Symbol::Dynamic("{{resolve:ssm:x}}".to_owned())),
        kmslint::resolve::Piece::Literal("b{{resolve:open".to_owned()),
    ];
    assert_eq!(text.pieces(), expected);
}

#[test]
fn guards_stay_on_the_elements_of_lists_and_maps() {
    let rows = [
        ("[a, !If [IsProd, b, !Ref 'AWS::NoValue']]", "[a, <IsProd is true: b | IsProd is false: absent>]"),
        ("{A: !If [IsProd, 1, 2], B: x}", "{A: <IsProd is true: 1 | IsProd is false: 2>, B: x}"),
        ("!If [IsProd, [!If [IsProd, a, b]], c]", "<IsProd is true: [a] | IsProd is false: c>"),
        ("[!If [IsProd, [a, b], c]]", "[<IsProd is true: [a, b] | IsProd is false: c>]"),
        ("!Join [',', [a, !If [IsProd, b, !Ref 'AWS::NoValue'], c]]", "<IsProd is true: a,b,c | IsProd is false: a,c>"),
        ("!Select [1, [!If [IsProd, a, !Ref 'AWS::NoValue'], b, c]]", "<IsProd is true: b | IsProd is false: c>"),
        ("!Length [!If [IsProd, a, !Ref 'AWS::NoValue']]", "<IsProd is true: 1 | IsProd is false: 0>"),
    ];
    for (expression, expected) in rows {
        assert_eq!(value(expression), expected, "{expression}");
    }
}

#[test]
fn impossible_worlds_are_dropped() {
    let rows = [
        ("!If [IsProd, !If [IsDev, never, a], b]", "<IsProd is true: a | IsProd is false: b>"),
        ("!If [Always, a, never]", "a"),
        (
            "!Sub ['${A}${B}', {A: !If [IsProd, a, b], B: !If [IsDev, c, d]}]",
            "<IsDev is false and IsProd is true: ad | IsDev is true and IsProd is false: bc>",
        ),
        ("!If [IsProd, !FindInMap [Accounts, !Ref Env, id], x]", "<IsProd is true: 222222222222 | IsProd is false: x>"),
    ];
    for (expression, expected) in rows {
        assert_eq!(value(expression), expected, "{expression}");
    }
}

#[test]
fn supplied_parameters_decide() {
    let ask = |expression: &str, supplied: &[(&str, &str)]| {
        shown(&format!("{EVERYTHING}Outputs:\n  O:\n    Value: {expression}\n"), supplied)
    };
    assert_eq!(ask("!If [IsProd, a, b]", &[("Env", "prod")]), "a");
    assert_eq!(ask("!Ref Names", &[("Names", "a, b,c")]), "[a, b, c]");
    assert_eq!(ask("!Ref Stored", &[("Stored", "/mine")]), "{{resolve:ssm:/mine}}");
    assert_eq!(ask("!FindInMap [Accounts, !Ref Env, id]", &[("Env", "dev")]), "111111111111");
}

#[test]
fn json_text_keeps_its_holes_and_types() {
    let rows = [
        (
            "{'Fn::ToJsonString': {Version: '2012-10-17', N: 1, T: yes, S: 'a\"b', K: !Ref Key, L: [x, !If [IsProd, y, !Ref 'AWS::NoValue']]}}",
            "<IsProd is true: {\"Version\":\"2012-10-17\",\"N\":1,\"T\":true,\"S\":\"a\\\"b\",\"K\":\"${Key}\",\"L\":[\"x\",\"y\"]} | \
             IsProd is false: {\"Version\":\"2012-10-17\",\"N\":1,\"T\":true,\"S\":\"a\\\"b\",\"K\":\"${Key}\",\"L\":[\"x\"]}>",
        ),
        ("{'Fn::ToJsonString': [!Ref Nobody]}", "unknown: `Nobody` is not declared here"),
    ];
    for (expression, expected) in rows {
        assert_eq!(value(expression), expected, "{expression}");
    }
}

#[test]
fn too_many_alternatives_are_unknown() {
    let conditions: Vec<String> = (0..8).map(|n| format!("  C{n}: !Equals [!Ref P{n}, x]\n")).collect();
    let parameters: Vec<String> = (0..8).map(|n| format!("  P{n}: {{Type: String}}\n")).collect();
    let parts: Vec<String> = (0..8).map(|n| format!("!If [C{n}, a, b]")).collect();
    let text = format!(
        "Parameters:\n{}Conditions:\n{}Resources: {{}}\nOutputs:\n  O:\n    Value: !Join ['', [{}]]\n",
        parameters.concat(),
        conditions.concat(),
        parts.join(", ")
    );
    assert_eq!(shown(&text, &[]), "unknown: this has more than 64 alternatives");
}

#[test]
fn defaults_and_allowed_values_are_tried_only_where_asked() {
    let template = template(EVERYTHING);
    in_stack(&template, &[], |scope| {
        let mut text = Text::literal("alias/");
        text.push(&Text::symbol(Symbol::Parameter(STACK, "Env".to_owned())));
        let (guard, with_default) = scope.with_defaults(&text).unwrap();
        assert_eq!((guard.to_string(), with_default.to_string()), ("Env is `dev`".to_owned(), "alias/dev".to_owned()));
        assert!(guard.atoms().all(|(atom, _)| atom.is_default()));
        assert_eq!(scope.with_defaults(&Text::symbol(Symbol::Parameter(STACK, "KeyArn".to_owned()))), None);
        let all: Vec<String> =
            scope.over_allowed_values(&text).iter().map(|(guard, text)| format!("{guard}: {text}")).collect();
        assert_eq!(all, ["Env is `dev`: alias/dev", "Env is `prod`: alias/prod"]);
        assert_eq!(scope.worlds.decided("Always"), Some(true));
        assert_eq!(scope.worlds.decided("IsProd"), None);
    });
}

#[test]
fn a_guard_is_said_without_what_follows() {
    let template = template(EVERYTHING);
    in_stack(&template, &[], |scope| {
        let condition = |name: &str, holds| Guard::of(Atom::Condition { stack: STACK, name: name.to_owned() }, holds);
        let env = |value: &str| {
            let (name, value) = ("Env".to_owned(), value.to_owned());
            Guard::of(Atom::Parameter { stack: STACK, name, value, default: false }, true)
        };
        let both = condition("IsDev", false).and(&condition("IsProd", true)).unwrap();
        assert_eq!(scope.worlds.simplified(&both).to_string(), "IsDev is false");
        assert_eq!(scope.worlds.simplified(&both.and(&env("prod")).unwrap()).to_string(), "IsDev is false");
        assert_eq!(scope.worlds.simplified(&condition("Always", true)), Guard::ALWAYS);
        assert!(!scope.worlds.feasible(&condition("IsProd", true).and(&env("dev")).unwrap()));
        assert!(!scope.worlds.feasible(&env("test")));
        let atoms = [
            Atom::Condition { stack: STACK, name: "IsProd".to_owned() },
            Atom::Condition { stack: STACK, name: "IsDev".to_owned() },
        ];
        assert_eq!(scope.worlds.assignments(&atoms), Some(vec![vec![true, false], vec![false, true]]));
    });
}

#[test]
fn a_region_lies_in_one_partition() {
    let template = template(
        "Conditions:
  IsChina: !Equals [!Ref AWS::Partition, aws-cn]
  IsPublic: !Equals [!Ref AWS::Partition, aws]
  IsIreland: !Equals [!Ref AWS::Region, eu-west-1]
  IsBeijing: !Equals [!Ref AWS::Region, cn-north-1]
Resources: {}
",
    );
    let can_be = |environment: &Environment, a: &str, b: &str| {
        let choice = |name: &str| Guard::of(Atom::Condition { stack: STACK, name: name.to_owned() }, true);
        let worlds = Worlds::new(&template, STACK, environment, &|_| None);
        worlds.feasible(&choice(a).and(&choice(b)).unwrap())
    };
    let unknown = Environment {
        account: Text::symbol(Symbol::Account(STACK)),
        region: Text::symbol(Symbol::Region(STACK)),
        partition: Text::symbol(Symbol::Partition(STACK)),
        stack_name: Text::literal("stack"),
    };
    assert!(can_be(&unknown, "IsIreland", "IsPublic"));
    assert!(can_be(&unknown, "IsBeijing", "IsChina"));
    assert!(!can_be(&unknown, "IsIreland", "IsChina"));
    assert!(!can_be(&unknown, "IsBeijing", "IsPublic"));
    let in_china = Environment { partition: Text::literal("aws-cn"), ..unknown };
    assert!(can_be(&in_china, "IsBeijing", "IsChina"));
    assert!(!can_be(&in_china, "IsIreland", "IsIreland"));
}

#[test]
fn names_made_of_names_and_deep_nesting_end() {
    let parameter = |n: usize| {
        format!(
            "  P{}: {{Type: AWS::SSM::Parameter, Properties: {{Name: x, Value: !Sub '${{P{n}.Value}}${{P{n}.Value}}'}}}}\n",
            n + 1
        )
    };
    let parameters: String = (0..40).map(parameter).collect();
    let text = format!(
        "Resources:\n  P0: {{Type: AWS::SSM::Parameter, Properties: {{Value: x}}}}\n{parameters}Outputs: {{O: {{Value: !GetAtt P40.Value}}}}\n"
    );
    assert!(shown(&text, &[]).contains(".Value}"));
    let nested = format!("{}x{}", "{'Fn::Join': ['', [".repeat(60), "]]}".repeat(60));
    let text = format!("Resources: {{}}\nOutputs:\n  O:\n    Value: {nested}\n");
    assert!(shown(&text, &[]).starts_with("unknown: "));
    let nested = format!("{}x{}", "{'Fn::Join': ['', [".repeat(45), "]]}".repeat(45));
    let text = format!("Resources: {{}}\nOutputs:\n  O:\n    Value: {nested}\n");
    assert_eq!(shown(&text, &[]), "x");
}
