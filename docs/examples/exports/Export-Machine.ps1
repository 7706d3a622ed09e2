<#
.SYNOPSIS
Stops a virtual machine of this host, has vhdchain export it, and starts it again, whatever happened meanwhile.

.DESCRIPTION
Runs on the host, as an account that may control the machine and write to the event log. It speaks to Hyper-V through the
module of Windows Server 2012 and later where that is there, otherwise through WMI as 2008 and 2008 R2 have it, and keeps to what
PowerShell 2.0 knows.

vhdchain itself runs on Linux and macOS. -Vhdchain says how it is called from here: with ssh on the machine that keeps the
exports, say. -Source and -Destination are paths as that machine knows them: the host's folders, mounted there, and the folder of
the exports.

.EXAMPLE
.\Export-Machine.ps1 -Machine srv -Vhdchain ssh,backup,vhdchain -Source /mnt/hyperv -Destination /srv/exports/srv

.EXAMPLE
.\Export-Machine.ps1 -Machine srv -Stop Save -Vhdchain ssh,backup,vhdchain -Source /mnt/hyperv -Destination /srv/exports/srv -Register -At 02:30
#>
param(
    [string] $Machine = $(throw '-Machine: the name of the machine'),
    [string] $Source = $(throw '-Source: the folder with its files, as vhdchain sees it'),
    [string] $Destination = $(throw '-Destination: the folder of the exports, as vhdchain sees it'),
    [string[]] $Vhdchain = @('vhdchain'),
    [string] $LimitRate = '50M',
    [ValidateSet('Shutdown', 'Save')] [string] $Stop = 'Shutdown',
    [int] $Wait = 600,
    [switch] $Register,
    [string] $At = '02:00'
)

$ErrorActionPreference = 'Stop'
$Log = 'vhdchain'
$Running = 2
$Off = 3
$Saved = 32769

function Write-Log([string] $Text, [string] $Kind, [int] $Id) {
    if (-not [System.Diagnostics.EventLog]::SourceExists($Log)) {
        New-EventLog -LogName Application -Source $Log
    }
    Write-EventLog -LogName Application -Source $Log -EntryType $Kind -EventId $Id -Message $Text
}

# ---------------------------------------------------------------------------------------------------------------- Hyper-V

$HasModule = [bool] (Get-Command -Name Get-VM -ErrorAction SilentlyContinue)

function Get-Machine {
    $found = @(Get-WmiObject -Namespace root\virtualization -Class Msvm_ComputerSystem | Where-Object {
            $_.Caption -ne $null -and $_.ElementName -eq $Machine -and $_.Name -ne $env:COMPUTERNAME })
    if ($found.Count -ne 1) { throw "$($found.Count) machines are called $Machine" }
    $found[0]
}

function Get-State {
    if ($HasModule) {
        switch ([string] (Get-VM -Name $Machine).State) {
            'Running' { return $Running }
            'Off' { return $Off }
            'Saved' { return $Saved }
            default { return 0 }
        }
    }
    [int] (Get-Machine).EnabledState
}

function Wait-State([int] $Wanted) {
    $end = (Get-Date).AddSeconds($Wait)
    while ((Get-State) -ne $Wanted) {
        if ((Get-Date) -gt $end) { throw "$Machine did not get there within $Wait seconds" }
        Start-Sleep -Seconds 2
    }
}

function Request-State([int] $Wanted) {
    # 0: done; 4096: a job was begun, which Wait-State waits for.
    $answer = (Get-Machine).RequestStateChange($Wanted).ReturnValue
    if ($answer -ne 0 -and $answer -ne 4096) { throw "the host refused to change the state of ${Machine}: $answer" }
}

function Stop-Machine {
    if ($Stop -eq 'Save') {
        if ($HasModule) { Save-VM -Name $Machine } else { Request-State $Saved }
        Wait-State $Saved
        return
    }
    if ($HasModule) { Stop-VM -Name $Machine -Force } else {
        $id = (Get-Machine).Name
        $guest = Get-WmiObject -Namespace root\virtualization -Class Msvm_ShutdownComponent -Filter "SystemName='$id'"
        if (-not $guest) { throw "$Machine has no service by which it could be shut down: use -Stop Save" }
        $answer = $guest.InitiateShutdown($true, 'export by vhdchain').ReturnValue
        if ($answer -ne 0 -and $answer -ne 4096) { throw "the guest of $Machine refused to shut down: $answer" }
    }
    Wait-State $Off
}

function Start-Machine {
    if ($HasModule) { Start-VM -Name $Machine } else { Request-State $Running }
}

# ------------------------------------------------------------------------------------------------------------------- work

if ($Register) {
    # A task has room for a short command line only: the long one stands in a file beside this one.
    $file = $MyInvocation.MyCommand.Path
    $words = "-Machine '$Machine' -Source '$Source' -Destination '$Destination' -Vhdchain $($Vhdchain -join ',')"
    $words += " -LimitRate $LimitRate -Stop $Stop -Wait $Wait"
    $call = Join-Path (Split-Path $file) ('export-' + ($Machine -replace '[^\w-]', '_') + '.cmd')
    $line = "powershell.exe -NoProfile -ExecutionPolicy Bypass -Command ""& '$file' $words; exit `$LASTEXITCODE"""
    Set-Content -Path $call -Encoding ASCII -Value @('@echo off', $line)
    schtasks.exe /Create /F /TN "vhdchain export $Machine" /SC DAILY /ST $At /RU SYSTEM /TR $call
    exit $LASTEXITCODE
}

$before = Get-State
$code = 3
try {
    if ($before -eq $Running) { Stop-Machine }
    $state = Get-State
    if ($state -ne $Off -and $state -ne $Saved) { throw "$Machine is neither off nor saved ($state)" }
    $options = @('export', $Source, $Destination, '--machine', $Machine, '--verify', '--automate')
    $options += @('--limit-rate', $LimitRate)
    # That it does not run is known here; the files alone let one guess.
    if ($state -eq $Saved) { $options += @('--power', 'saved', '--host', '2008 R2') } else { $options += @('--power', 'off') }
    $program = $Vhdchain[0]
    # ssh puts its words together to one line, which a shell over there takes apart again.
    if ($program -match '(^|[\\/])ssh(\.exe)?$') { $options = @($options | ForEach-Object { "'" + $_.Replace("'", "'\''") + "'" }) }
    $words = @($Vhdchain | Select-Object -Skip 1) + $options
    $told = (& $program $words) -join "`n"
    $code = $LASTEXITCODE
    if ($code -ne 0) { throw "vhdchain export ended with ${code}: $told" }
    Write-Log "$Machine was exported to $Destination." 'Information' 1
}
catch {
    Write-Log "The export of $Machine failed: $_" 'Error' 2
    if ($code -eq 0) { $code = 3 }
}
finally {
    if ($before -eq $Running) {
        try { Start-Machine } catch { Write-Log "$Machine could not be started again: $_" 'Error' 3; $code = 3 }
    }
}
exit $code
