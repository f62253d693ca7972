namespace Koopman.Cli

open System
open System.IO
open Koopman
open TorchSharp
open Koopman.Flows
open Koopman.Latents

/// <summary>The files of <c>koopman flow train</c>: the linear flow, its teacher, and the map from the data to their common space.</summary>
[<Sealed>]
type FlowModel(lift: LinearFlow, teacher: VelocityField, latent: LatentMap option, owned: IDisposable list) =

    /// <summary>A model that owns its parts.</summary>
    new(lift: LinearFlow, teacher: VelocityField, latent: LatentMap option) =
        let own (part: #IDisposable) = part :> IDisposable

        new FlowModel(lift, teacher, latent, own lift :: own teacher :: (Option.toList latent |> List.map own))

    /// <summary>The linear flow.</summary>
    member _.Lift: LinearFlow = lift

    /// <summary>The velocity field that it follows.</summary>
    member _.Teacher: VelocityField = teacher

    /// <summary>The map from the data to coordinates of mean 0 and variance 1; none for data that already have them.</summary>
    member _.Latent: LatentMap option = latent

    interface IDisposable with
        /// <summary>Frees all three.</summary>
        member _.Dispose() = owned |> List.iter _.Dispose()

/// <summary>Flow models in adjacent files: <c>moons.safetensors</c>, <c>moons.teacher.safetensors</c>, <c>moons.latent.safetensors</c>.</summary>
[<RequireQualifiedAccess>]
module FlowModel =

    let private beside (part: string) (path: string) : string =
        let file = FileInfo path

        file.FullName.Substring(0, file.FullName.Length - file.Extension.Length)
        + $".{part}.safetensors"

    /// <summary>The files of a model, named after the first; the last is present only if the data need a map.</summary>
    let files (path: string) : string list =
        [ path; beside "teacher" path; beside "latent" path ]

    /// <summary>The state of an interrupted training of the field.</summary>
    let teacherRun (path: string) : string = beside "teacher-run" path

    /// <summary>The state of an interrupted training of the linear flow.</summary>
    let studentRun (path: string) : string = beside "student-run" path

    /// <summary>Writes a model; the map file of an earlier model of this name is deleted.</summary>
    let save (path: string) (model: FlowModel) : Outcome<unit> =
        result {
            do! VelocityField.save (beside "teacher" path) model.Teacher

            match model.Latent with
            | Some map -> do! LatentMap.save (beside "latent" path) map
            | None -> File.Delete(beside "latent" path)

            do! LinearFlow.save path model.Lift
        }

    /// <summary>Reads a model.</summary>
    let load (path: string) : Outcome<FlowModel> =
        result {
            let! lift = LinearFlow.load path

            let rest =
                result {
                    let! teacher = VelocityField.load (beside "teacher" path)

                    if teacher.Dimension <> lift.Dimension then
                        let found, file = teacher.Dimension, beside "teacher" path
                        (teacher :> IDisposable).Dispose()

                        do!
                            KoopmanError.fail
                                ErrorKind.CheckpointMismatch
                                $"The flow in '{path}' has {lift.Dimension} dimensions, but its teacher in '{file}' {found}"
                                "Copy the files of a model together, or train it again"

                    if File.Exists(beside "latent" path) then
                        match LatentMap.load (beside "latent" path) with
                        | Ok map -> return new FlowModel(lift, teacher, Some map)
                        | Error error ->
                            (teacher :> IDisposable).Dispose()
                            return! Error error
                    else
                        return new FlowModel(lift, teacher, None)
                }

            if Result.isError rest then
                (lift :> IDisposable).Dispose()

            return! rest
        }

    /// The model with other parts, or the same ones, which it shares.
    let private sharing (lift: LinearFlow option) (teacher: VelocityField option) (model: FlowModel) : FlowModel =
        let part (other: 'T option) (own: 'T) : 'T * IDisposable when 'T :> Shared =
            match other with
            | Some other -> other, other
            | None -> own, own.Hold()

        let lift, liftOwner = part lift model.Lift
        let teacher, teacherOwner = part teacher model.Teacher
        let latent = model.Latent |> Option.map (fun map -> map.Hold())
        new FlowModel(lift, teacher, model.Latent, liftOwner :: teacherOwner :: Option.toList latent)

    let private guided (weight: float option) (model: FlowModel) : Outcome<FlowModel> =
        match weight with
        | None -> Ok(sharing None None model)
        | Some weight ->
            VelocityField.guided weight model.Teacher
            |> Result.map (fun teacher -> sharing None (Some teacher) model)

    /// What the classes are told to.
    let private tell
        (lift: LinearFlow -> Outcome<LinearFlow>)
        (teacher: VelocityField -> Outcome<VelocityField>)
        (model: FlowModel)
        : Outcome<FlowModel> =
        result {
            let! lift = lift model.Lift

            match teacher model.Teacher with
            | Ok teacher -> return sharing (Some lift) (Some teacher) model
            | Error error ->
                lift.Dispose()
                return! Error error
        }

    /// <summary>The model told the class of each of as many rows, if it has classes, with a field of this guidance. It shares the parameters.</summary>
    let told (guidance: float option) (classes: int[] option) (model: FlowModel) : Outcome<FlowModel> =
        result {
            use! guided = guided guidance model

            match classes with
            | None -> return sharing None None guided
            | Some numbers ->
                use rows = Tensors.ofIndices (Array.map int64 numbers)
                return! tell (LinearFlow.ofClasses rows) (VelocityField.ofClasses rows) guided
        }

    /// <summary>Reads a model, tells it a class, if one is given, and gives its field this guidance.</summary>
    let loadFor (number: int option) (guidance: float option) (path: string) : Outcome<FlowModel> =
        result {
            use! model = load path
            use! guided = guided guidance model

            match number with
            | None -> return sharing None None guided
            | Some number -> return! tell (LinearFlow.ofClass number) (VelocityField.ofClass number) guided
        }

    /// <summary>Normal noise (n, d), of low discrepancy in up to 64 dimensions, which makes averages over it more accurate.</summary>
    let noise (count: int) (dimension: int) (seed: Seed) : Outcome<Tensor> =
        if dimension <= 64 then
            Sobol.normal count dimension seed
        else
            Ok(Seed.normal [| int64 count; int64 dimension |] seed)

    /// <summary>Maps points of the flow's space to the space of the data.</summary>
    let toData (model: FlowModel) (points: Tensor) : Outcome<Samples> =
        Samples.ofTensor points
        |> Result.bind (fun samples ->
            match model.Latent with
            | None -> Ok samples
            | Some map ->
                use _ = samples
                LatentMap.decode map samples)

    /// <summary>Maps data to the flow's space.</summary>
    let ofData (model: FlowModel) (data: Samples) : Outcome<Samples> =
        match model.Latent with
        | Some map -> LatentMap.encode map data
        | None when data.Dimension <> model.Lift.Dimension ->
            KoopmanError.fail
                ErrorKind.ShapeMismatch
                $"The data have {data.Dimension} dimensions, but the flow has {model.Lift.Dimension}"
                "Give points of the space in which the flow was trained"
        | None -> Samples.ofTensor data.Points
