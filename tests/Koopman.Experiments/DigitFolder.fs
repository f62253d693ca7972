namespace Koopman.Experiments

open System
open System.IO
open Koopman
open Koopman.Cli

/// <summary>The folder of MNIST's idx files for the experiments with digits; nothing is downloaded.</summary>
[<RequireQualifiedAccess>]
module DigitFolder =

    /// <summary>The environment variable that names the folder.</summary>
    let variable: string = "KOOPMAN_MNIST"

    /// <summary>The folder in the variable, or else <c>data/mnist</c> in the current folder or one above.</summary>
    let find () : Outcome<string> =
        let missing (cause: string) =
            KoopmanError.fail
                ErrorKind.MissingFile
                cause
                $"Put MNIST's idx files (t10k-images-idx3-ubyte, t10k-labels-idx1-ubyte) there, or name their folder in the environment variable {variable}"

        match Environment.GetEnvironmentVariable variable with
        | null
        | "" ->
            let above =
                Some(DirectoryInfo(Directory.GetCurrentDirectory()))
                |> Seq.unfold (Option.map (fun (at: DirectoryInfo) -> at.FullName, Option.ofObj at.Parent))
                |> Seq.collect (fun at ->
                    [
                        Path.Combine(at, "data", "mnist")
                        Path.Combine(at, "shared", "data", "mnist")
                    ])

            match above |> Seq.tryFind Directory.Exists with
            | Some found -> Ok found
            | None -> missing "There is no folder data/mnist in the current folder or above"
        | named when Directory.Exists named -> Ok named
        | named -> missing $"There is no folder {named}"
