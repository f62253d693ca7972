namespace Koopman

open System.Numerics
open System.Text.Json.Nodes

/// <summary>
/// How a part 'T of a value 'Whole is stored as fields of a JSON object and read back. One description does both, so that they cannot disagree; what is damaged is
/// an error, never a number that nobody wrote.
/// </summary>
[<NoComparison; NoEquality>]
type internal Codec<'Whole, 'T> =
    {
        Put: 'Whole -> (string * JsonNode) list
        Take: JsonObject -> Outcome<'T>
    }

/// The description of a record: <c>codec { let! width = Codec.int&lt;Options&gt; "width" _.Width and! ... return { ... } }</c>.
[<Sealed>]
type internal CodecBuilder() =

    member _.MergeSources(first: Codec<'Whole, 'A>, second: Codec<'Whole, 'B>) : Codec<'Whole, 'A * 'B> =
        {
            Put = fun whole -> first.Put whole @ second.Put whole
            Take =
                fun node ->
                    first.Take node
                    |> Result.bind (fun a -> second.Take node |> Result.map (fun b -> a, b))
        }

    member _.BindReturn(parts: Codec<'Whole, 'A>, make: 'A -> 'T) : Codec<'Whole, 'T> =
        {
            Put = parts.Put
            Take = parts.Take >> Result.map make
        }

/// One case of a union: its name, its fields, and whether a value is of it.
[<NoComparison; NoEquality>]
type internal UnionCase<'U> =
    {
        Name: string
        Fields: Codec<'U, 'U>
        Holds: 'U -> bool
    }

/// Fields of all kinds, and unions.
[<RequireQualifiedAccess>]
module internal Codec =

    let private field (put: 'F -> JsonNode) (take: string -> JsonObject -> Outcome<'F>) name (get: 'Whole -> 'F) =
        {
            Put = fun whole -> [ name, put (get whole) ]
            Take = take name
        }

    let int<'Whole> : string -> ('Whole -> int) -> Codec<'Whole, int> =
        field Fields.ofInt Fields.int

    let ints<'Whole> : string -> ('Whole -> int list) -> Codec<'Whole, int list> =
        field Fields.ofInts Fields.ints

    /// Three whole numbers.
    let triple<'Whole> : string -> ('Whole -> int * int * int) -> Codec<'Whole, int * int * int> =
        field (fun (a, b, c) -> Fields.ofInts [ a; b; c ]) Fields.triple

    let float<'Whole> : string -> ('Whole -> float) -> Codec<'Whole, float> =
        field Fields.ofFloat Fields.float

    let text<'Whole> : string -> ('Whole -> string) -> Codec<'Whole, string> =
        field Fields.ofText Fields.text

    let flag<'Whole> : string -> ('Whole -> bool) -> Codec<'Whole, bool> =
        field Fields.ofFlag Fields.flag

    /// A flag that is written only where it is true.
    let mark (name: string) (get: 'Whole -> bool) : Codec<'Whole, bool> =
        {
            Put = fun whole -> if get whole then [ name, Fields.ofFlag true ] else []
            Take =
                fun node ->
                    if node.ContainsKey name then
                        Fields.flag name node
                    else
                        Ok false
        }

    /// A member of an enumeration, by its name.
    let choice<'Whole, 'E when 'E: struct and 'E: (new: unit -> 'E) and 'E :> System.ValueType>
        : string -> ('Whole -> 'E) -> Codec<'Whole, 'E> =
        field (fun (value: 'E) -> Fields.ofText (string value)) Fields.choice<'E>

    /// A complex number, as two.
    let complex<'Whole> : string -> ('Whole -> Complex) -> Codec<'Whole, Complex> =
        field (fun (value: Complex) -> Fields.ofFloats [ value.Real; value.Imaginary ]) Fields.complex

    /// A value of its own under a name.
    let object (inner: Codec<'F, 'F>) : string -> ('Whole -> 'F) -> Codec<'Whole, 'F> =
        field (fun value -> Fields.ofList (inner.Put value)) (fun name node ->
            Fields.object name node |> Result.bind inner.Take)

    /// The same, which may be missing.
    let optional (inner: Codec<'F, 'F>) (name: string) (get: 'Whole -> 'F option) : Codec<'Whole, 'F option> =
        {
            Put =
                fun whole ->
                    match get whole with
                    | Some value -> [ name, Fields.ofList (inner.Put value) ]
                    | None -> []
            Take =
                fun node ->
                    if node.ContainsKey name then
                        Fields.object name node |> Result.bind inner.Take |> Result.map Some
                    else
                        Ok None
        }

    /// The values of a list.
    let list (inner: Codec<'F, 'F>) : string -> ('Whole -> 'F[]) -> Codec<'Whole, 'F[]> =
        field
            (Seq.map (fun value -> Fields.ofList (inner.Put value) :> JsonNode)
             >> Fields.ofNodes)
            (fun name node -> Fields.list name inner.Take node |> Result.map Array.ofList)

    /// A case with a value of its own: how it is taken out, if the union is of this case, and how it is put in again.
    let case (name: string) (pick: 'U -> 'F option) (make: 'F -> 'U) (inner: Codec<'F, 'F>) : UnionCase<'U> =
        {
            Name = name
            Fields =
                {
                    Put = fun whole -> inner.Put (pick whole).Value
                    Take = inner.Take >> Result.map make
                }
            Holds = pick >> Option.isSome
        }

    /// A case without fields.
    let bare (name: string) (value: 'U) : UnionCase<'U> when 'U: equality =
        {
            Name = name
            Fields =
                {
                    Put = fun _ -> []
                    Take = fun _ -> Ok value
                }
            Holds = (=) value
        }

    /// A union: the name of the case stands in a field, and its own fields beside it.
    let union (tag: string) (cases: UnionCase<'U> list) : Codec<'U, 'U> =
        {
            Put =
                fun whole ->
                    let case = cases |> List.find (fun case -> case.Holds whole)
                    (tag, Fields.ofText case.Name) :: case.Fields.Put whole
            Take =
                fun node ->
                    Fields.text tag node
                    |> Result.bind (fun found ->
                        match cases |> List.tryFind (fun case -> case.Name = found) with
                        | Some case -> case.Fields.Take node
                        | None ->
                            KoopmanError.fail
                                ErrorKind.CheckpointMismatch
                                $"The stored settings have an unknown {tag} '{found}'"
                                "The file was written by a newer version of the library: use that version")
        }

    /// One whole value as an object.
    let write (codec: Codec<'T, 'T>) (value: 'T) : JsonObject = Fields.ofList (codec.Put value)

[<AutoOpen>]
module internal CodecSyntax =

    let codec: CodecBuilder = CodecBuilder()
