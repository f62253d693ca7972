namespace Koopman.Experiments

open System
open System.Diagnostics
open System.IO
open Koopman
open TorchSharp

/// <summary>What became of changed files.</summary>
type AttackCounts =
    {
        /// <summary>Files that were read.</summary>
        Inputs: int
        /// <summary>Refused with an error of the library.</summary>
        Refused: int
        /// <summary>Read as if nothing had happened: the change did not matter, or could not be seen.</summary>
        Accepted: int
        /// <summary>Exceptions that are not of the library, with a file that causes each.</summary>
        Raw: (string * string) list
        /// <summary>Files after which tensors stayed alive.</summary>
        Leaks: string list
        /// <summary>Files that took longer than ten seconds.</summary>
        Slow: string list
        /// <summary>Messages of more than one line.</summary>
        Long: string list
        /// <summary>The largest memory of the process, in bytes.</summary>
        Peak: int64
        /// <summary>The file at which it was reached.</summary>
        PeakAt: string
    }

/// <summary>Reads changed files of every kind, and counts what becomes of them.</summary>
[<RequireQualifiedAccess>]
module Attack =

    /// <summary>Nothing yet.</summary>
    let none: AttackCounts =
        {
            Inputs = 0
            Refused = 0
            Accepted = 0
            Raw = []
            Leaks = []
            Slow = []
            Long = []
            Peak = 0L
            PeakAt = ""
        }

    /// <summary>The counts of both.</summary>
    let add (a: AttackCounts) (b: AttackCounts) : AttackCounts =
        {
            Inputs = a.Inputs + b.Inputs
            Refused = a.Refused + b.Refused
            Accepted = a.Accepted + b.Accepted
            Raw = a.Raw @ b.Raw
            Leaks = a.Leaks @ b.Leaks
            Slow = a.Slow @ b.Slow
            Long = a.Long @ b.Long
            Peak = max a.Peak b.Peak
            PeakAt = (if b.Peak > a.Peak then b.PeakAt else a.PeakAt)
        }

    let private live () : int64 =
        DisposeScopeManager.Statistics.TensorStatistics.ThreadTotalLiveCount

    let private peak () : int64 =
        use self = Process.GetCurrentProcess()
        self.PeakWorkingSet64

    /// One changed file; what is notable about it.
    let private attempt (folder: string) (file: AttackFile) (seed: int) : AttackCounts =
        let path = Path.Combine(folder, file.Name)
        let draw = Random seed
        let case = $"{file.Name}, seed {seed}"
        File.WriteAllBytes(path, file.Content)

        let isMade =
            if file.IsSigned && draw.Next 2 = 0 then
                AttackFiles.forge draw path
            else
                File.WriteAllBytes(path, AttackFiles.mutate draw file.Content)
                true

        if not isMade then
            none
        else
            let before = live ()
            let clock = Stopwatch.StartNew()

            let counts =
                try
                    match file.Read path with
                    | Ok() -> { none with Accepted = 1 }
                    | Error error ->
                        { none with
                            Refused = 1
                            Long = (if error.Message.Contains '\n' then [ case ] else [])
                        }
                with error ->
                    let where =
                        match error.StackTrace with
                        | null -> ""
                        | trace -> (trace.Split '\n')[0] |> _.Trim()

                    { none with
                        Raw = [ ($"{error.GetType().Name} {where}", case) ]
                    }

            { counts with
                Inputs = 1
                Slow =
                    (if clock.Elapsed > TimeSpan.FromSeconds 10.0 then
                         [ case ]
                     else
                         [])
                Leaks = (if live () <> before then [ case ] else [])
            }

    /// <summary>Reads this many changed files in this process.</summary>
    /// <param name="tell">Called with each case before it is read, so that another process can see which one never ended.</param>
    /// <param name="seed">The seed of the first case.</param>
    /// <param name="count">The number of files.</param>
    let mutations (tell: string -> unit) (seed: int) (count: int) : AttackCounts =
        let folder = Directory.CreateTempSubdirectory "koopman-attack-"

        try
            let files = AttackFiles.make folder.FullName |> Array.ofList

            let counts =
                (none, seq { seed .. seed + count - 1 })
                ||> Seq.fold (fun counts seed ->
                    let file = files[seed % files.Length]
                    tell $"{file.Name}, seed {seed}"
                    let found = attempt folder.FullName file seed

                    add
                        counts
                        { found with
                            Peak = peak ()
                            PeakAt = $"{file.Name}, seed {seed}"
                        })

            counts
        finally
            folder.Delete true
