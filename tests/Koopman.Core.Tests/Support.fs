namespace Koopman.Tests

open System
open System.IO
open Expecto
open Koopman

[<RequireQualifiedAccess>]
module Expect =

    /// The result is an error of this kind, its message has all of these words, and it says what to do next.
    let error (kind: ErrorKind) (words: string list) (result: Outcome<'T>) : unit =
        match result with
        | Ok value -> failtest $"Expected an error of kind {kind}, got {value}"
        | Error error ->
            Expect.equal error.Kind kind "the kind of the error"
            Expect.notEqual error.Remedy "" "the remedy"

            for word in words do
                Expect.stringContains error.Message word "the message of the error"

    /// Neither below the first bound nor above the second; NaN never is.
    let inRange (actual: 'T) (low: 'T, high: 'T) (message: string) : unit =
        if not (low <= actual && actual <= high) then
            failtest $"{message}. Expected between {low} and {high}, got {actual}"

    /// The same when rounded to so many decimals.
    let sameDecimals (decimals: int) (actual: float) (expected: float) (message: string) : unit =
        if Math.Round(actual, decimals) <> Math.Round(expected, decimals) then
            failtest $"{message}. Expected {expected} to {decimals} decimals, got {actual}"

/// A folder of its own for one test, gone afterwards.
[<Sealed>]
type TemporaryFolder() =
    let folder = Directory.CreateTempSubdirectory "koopman-tests-"

    member _.Path: string = folder.FullName

    member _.File(name: string) : string = Path.Combine(folder.FullName, name)

    member this.Write(name: string, bytes: byte[]) : string =
        File.WriteAllBytes(this.File name, bytes)
        this.File name

    member this.Write(name: string, text: string) : string =
        File.WriteAllText(this.File name, text)
        this.File name

    /// The names of all files in the folder, hidden ones too.
    member _.Names: string list =
        folder.GetFileSystemInfos()
        |> Array.map (fun info -> info.Name)
        |> Array.sort
        |> List.ofArray

    interface IDisposable with
        member _.Dispose() : unit = folder.Delete true

[<AutoOpen>]
module Lifetimes =

    /// The tensors of this thread that live: as many after work that leaves nothing behind as before.
    let live () : int64 =
        TorchSharp.DisposeScopeManager.Statistics.TensorStatistics.ThreadTotalLiveCount

[<AutoOpen>]
module TestInFolder =

    /// A test with a temporary folder of its own.
    let testInFolder (name: string) (run: TemporaryFolder -> unit) : Test =
        testCase name (fun () -> using (new TemporaryFolder()) run)

/// What a program of tests does with its arguments.
[<RequireQualifiedAccess>]
module TestProgram =

    /// `--filter NAME` keeps the tests whose full name has NAME in it, in capitals or not; the other arguments are Expecto's.
    let rec private select (tests: Test) (arguments: string list) : Test * string list =
        match arguments with
        | "--filter" :: name :: rest ->
            let named (path: string list) : bool =
                (String.Join('.', path)).Contains(name, StringComparison.OrdinalIgnoreCase)

            select (Test.filter "." named tests) rest
        | argument :: rest ->
            let kept, others = select tests rest
            kept, argument :: others
        | [] -> tests, []

    /// Runs the tests one after another (see "numbers as operands" in docs/torch.md); the exit code is 0 if all of them passed.
    let run (tests: Test) (arguments: string[]) : int =
        let kept, others = select tests (List.ofArray arguments)
        runTestsWithCLIArgs [ Sequenced ] (Array.ofList others) kept
